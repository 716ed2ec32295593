/** Exports synthesised from a database: other programs see the same calls, over their transports. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROTOCOL_TCP, PROTOCOL_TLS, PROTOCOL_UDP, PROTOCOL_WS, type Message } from '../../src/lib/base/index.js';
import { SDP, answered, type Spoken } from '../calls/rig.js';
import { storeMessages } from '../rigs/stored-calls.js';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const db = `sqlite:${at('calls.db')}`;
const env = { TZ: 'UTC' };
const has = (program: string) => spawnSync('which', [program]).status === 0;
const run = (...args: string[]) => sipcap(['call', ...args], { env });

afterAll(() => {
  killAll();
  folder.remove();
});

function over(protocol: number, callId: string, spoken: Spoken = {}): Message[] {
  const via = { [PROTOCOL_TCP]: 'TCP', [PROTOCOL_TLS]: 'TLS', [PROTOCOL_WS]: 'WSS' }[protocol] ?? 'UDP';
  return answered(3000, 63_000, { ...spoken, callId, fromTag: `f-${callId}` }).map((message) => ({
    ...message,
    protocol,
    payload: Buffer.from(message.payload.toString().replace('SIP/2.0/UDP', `SIP/2.0/${via}`)),
    sip: null,
  }));
}

const LARGE = `${SDP}${Array.from({ length: 3000 }, (_, i) => `a=x-padding:${i} ${'y'.repeat(20)}\r\n`).join('')}`;

beforeAll(async () => {
  const calls = [
    over(PROTOCOL_UDP, 'udp@x'),
    over(PROTOCOL_TCP, 'tcp@x'),
    over(PROTOCOL_TLS, 'tls@x'),
    over(PROTOCOL_WS, 'ws@x'),
    // Larger than a datagram can be.
    over(PROTOCOL_UDP, 'large@x', { body: LARGE }),
  ];
  await storeMessages(
    db,
    calls.flat().sort((a, b) => a.capturedAt - b.capturedAt),
  );
});

test('--anonymise in text: no byte of an original in another notation', async () => {
  const headers = [
    'X-Enc: sip%3Acarol.smith%4010.77.0.9',
    'X-Wx: carol%2Esmith',
    'X-Num3: +49 (30) 1234-5678',
    'X-HostPort: pbx.acme.de:5060',
    'Warning: 399 sbc.acme.de "x"',
    'User-Agent: Grandstream GXP 00:0B:82:AA:BB:CC',
  ];
  const parties = { from: 'sip:+493012345678@corp.acme.de', to: 'sip:carol.smith@10.77.0.9' };
  await storeMessages(`sqlite:${at('anonymise.db')}`, over(PROTOCOL_UDP, 'an@corp.acme.de', { ...parties, headers }));
  const { code, stdout } = await run(
    ...['export', '--latest', '--db', `sqlite:${at('anonymise.db')}`, '-w', '-', '--format', 'text', '--anonymise'],
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^User-Agent: Grandstream GXP 02:/m);
  expect(/carol|smith|10\.77|10\.0\.0\.|12345678|1234-5678|acme|0b:82/i.exec(stdout)?.[0]).toBeUndefined();
});

(has('tshark') ? describe : describe.skip)('tshark', () => {
  const shark = (file: string, ...args: string[]) =>
    spawnSync('tshark', ['-r', at(file), '-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', ...args], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .filter((line) => line !== '');

  test.each(['udp', 'tcp', 'tls', 'ws', 'large'])('%s: every message, at its time, in complete and valid segments', async (name) => {
    const file = `${name}.pcap`;
    expect(await run('export', `${name}@x`, '--db', db, '-w', at(file))).toMatchObject({ code: 0 });
    const fields = ['-e', 'frame.time_epoch', '-e', 'sip.Method', '-e', 'sip.Status-Code', '-e', 'sip.CSeq.method'];
    expect(shark(file, '-Y', 'sip', '-T', 'fields', ...fields)).toEqual([
      expect.stringMatching(/^1768467600\.0+\tINVITE\t\tINVITE$/),
      expect.stringMatching(/^1768467600\.010*\t\t100\tINVITE$/),
      expect.stringMatching(/^1768467600\.10*\t\t180\tINVITE$/),
      expect.stringMatching(/^1768467603\.0+\t\t200\tINVITE$/),
      expect.stringMatching(/^1768467603\.020*\tACK\t\tACK$/),
      expect.stringMatching(/^1768467663\.0+\tBYE\t\tBYE$/),
      expect.stringMatching(/^1768467663\.030*\t\t200\tBYE$/),
    ]);
    expect(shark(file, '-Y', 'udp.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed')).toEqual([]);
    const isTcp = name !== 'udp';
    // One connection, opened, nothing lost and nothing twice.
    expect(shark(file, '-Y', 'tcp.flags.syn == 1').length).toBe(isTcp ? 2 : 0);
    expect(shark(file, '-Y', 'tcp.analysis.flags')).toEqual([]);
    expect(new Set(shark(file, '-Y', 'tcp', '-T', 'fields', '-e', 'tcp.stream')).size).toBe(isTcp ? 1 : 0);
  });

  test('the same ladder from the export as from the database', async () => {
    for (const name of ['udp', 'tcp', 'tls', 'ws', 'large']) {
      const ofFile = (await run('show', `${name}@x`, '-r', at(`${name}.pcap`))).stdout;
      expect(ofFile).toBe((await run('show', `${name}@x`, '--db', db)).stdout);
      expect(ofFile.match(/[▶◀]/g)).toHaveLength(7);
    }
  });

  test('pcapng comments name the transport of TLS and WebSocket messages', async () => {
    expect((await run('export', '--kind', 'call', '--db', db, '-w', at('all.pcapng'))).code).toBe(0);
    const noted = shark('all.pcapng', '-Y', 'sip', '-T', 'fields', '-e', 'sip.Call-ID', '-e', 'frame.comment').map((line) =>
      line.split('\t'),
    );
    const notes = new Map(noted.map(([callId, comment = '']) => [callId, comment]));
    expect(Object.fromEntries(notes)).toEqual({
      'udp@x': '',
      'tcp@x': '',
      'large@x': '',
      'tls@x': 'sent over TLS, written as plain TCP',
      'ws@x': 'sent over WebSocket and TLS, written as plain TCP',
    });
    expect(noted).toHaveLength(35);
  });
});

(has('sngrep') ? test : test.skip)(
  'sngrep finds the calls',
  async () => {
    for (const [name, wanted] of [
      ['udp', 1],
      ['tcp', 1],
      ['tls', 1],
      ['ws', 1],
    ] as const) {
      await run('export', `${name}@x`, '--db', db, '-w', at(`${name}.pcap`));
      const { stdout } = spawnSync('sngrep', ['-N', '-F', '-c', '-I', at(`${name}.pcap`)], {
        encoding: 'utf8',
        timeout: 30_000,
        env: { ...process.env, TERM: 'xterm' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect([name, Number([...stdout.matchAll(/Dialog count: (\d+)/g)].at(-1)?.[1] ?? -1)]).toEqual([name, wanted]);
    }
  },
  60_000,
);

test('an unknown Call-ID is named, and what was in the file stays', async () => {
  writeFileSync(at('kept.pcap'), 'kept');
  expect(await run('export', 'nobody@x', '--db', db, '-w', at('kept.pcap'))).toMatchObject({
    code: 5,
    stderr: 'sipcap: no messages of call nobody@x\n',
  });
  expect(readFileSync(at('kept.pcap'), 'utf8')).toBe('kept');
});
