/** The media of calls as a user sees them: under the ladder, in lists and statistics, and exported. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { pcap } from '../rigs/capture-files.js';
import { BACK, FORTH, answeredCall, hangUp, inTime, stream } from '../rigs/rtp.js';
import { jsonLines, killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const run = (...args: string[]) => sipcap(['call', ...args], { env: { TZ: 'UTC' } });

function file(name: string, frames: readonly Frame[]): string {
  const records = inTime(frames).map(({ bytes, from, to, capturedAt }) => ({
    seconds: Math.floor(capturedAt / 1e6),
    fraction: capturedAt % 1e6,
    bytes: bytes.subarray(from, to),
  }));
  writeFileSync(at(name), pcap({ records }));
  return at(name);
}

const every = (step: number, packets: number) => Array.from({ length: packets / step }, (_, i) => i * step + 1);
let calls = '';
let media = '';

beforeAll(() => {
  const other = { ...FORTH, source: '192.0.2.77', destination: '192.0.2.78' };
  calls = file('calls.pcap', [
    ...answeredCall('good', 0),
    ...stream({ packets: 500 }),
    ...stream({ packets: 500, path: BACK, ssrc: 2 }),
    ...hangUp('good', 12),
    ...answeredCall('bad', 60),
    ...stream({ packets: 500, at: 61, lost: every(5, 500), ssrc: 3 }),
    ...hangUp('bad', 72),
    ...answeredCall('silent', 120),
    ...hangUp('silent', 125),
    ...stream({ packets: 100, at: 62, path: other, ssrc: 4 }),
  ]);
  media = file('media.pcap', [...stream({ packets: 200 }), ...stream({ packets: 200, path: BACK, ssrc: 2 })]);
});
afterAll(() => {
  killAll();
  folder.remove();
});

describe('call show', () => {
  test('a line for each stream, with its anomalies', async () => {
    const { stdout, code } = await run('show', 'bad', '-r', calls);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'RTP 192.0.2.1:4000 -> 192.0.2.2:6000 0x00000003: PCMA, 400 packets, 100 lost (20.00 %, at most 1 in a row), jitter 0.0 ms, max 0.0, max delta 40.0 ms, R 51.1, MOS 2.63',
    );
    expect(stdout).toContain('one-way: no packets in the other direction');
    const good = await run('show', 'good', '-r', calls);
    expect(good.stdout).toContain('500 packets, no loss');
    expect(good.stdout.match(/^RTP /gm)).toHaveLength(2);
    expect((await run('show', 'good', '-r', calls, '--no-media')).stdout).not.toContain('RTP ');
  });

  test('JSON, HTML and SVG', async () => {
    const [json] = jsonLines((await run('show', 'good', '-r', calls, '--format', 'json')).stdout);
    expect(json.streams).toMatchObject([
      { callid: 'good', codec: 'PCMA', packets: 500, lost: 0, mos: 4.41, notes: [] },
      { callid: 'good', packets: 500, ssrc: 2 },
    ]);
    const html = (await run('show', 'good', '-r', calls, '--format', 'html')).stdout;
    expect(html).toContain('RTP 192.0.2.1:4000 -&gt; 192.0.2.2:6000');
    expect(html.match(/<svg class="stream"/g)).toHaveLength(2);
    const svg = (await run('show', 'bad', '-r', calls, '--format', 'svg')).stdout;
    expect(svg).toContain('22:14:21: 20.0 % lost, MOS 2.63');
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true);
  });

  test('the worst moment on the time axis of every picture, streams as notes of Mermaid', async () => {
    const mark = 'RTP 192.0.2.1:4000 → 192.0.2.2:6000: 20.0 % lost, MOS 2.63';
    const text = (await run('show', 'bad', '-r', calls)).stdout;
    const rows = text.split('\n');
    const at = rows.findIndex((row) => row.includes(mark));
    expect(rows[at]).toMatch(/^22:14:21\.000 /);
    expect(rows.findIndex((row) => row.includes('ACK'))).toBeLessThan(at);
    expect(rows.findIndex((row) => row.includes('BYE'))).toBeGreaterThan(at);
    for (const format of ['svg', 'html'])
      expect((await run('show', 'bad', '-r', calls, '--format', format)).stdout).toContain(`··· ${mark} ···`);
    const mermaid = (await run('show', 'bad', '-r', calls, '--format', 'mermaid')).stdout;
    expect(mermaid).toContain('Note over p0,p1: 22:14:21.000 RTP 192.0.2.1:4000 → 192.0.2.2:6000: 20.0 #37; lost, MOS 2.63\n');
    expect(mermaid).toMatch(/Note over p0,p1: RTP 192\.0\.2\.1:4000 -#gt; 192\.0\.2\.2:6000 0x00000003: PCMA, 400 packets/);
    expect((await run('show', 'good', '-r', calls)).stdout).not.toContain('··· RTP');
  });

  test('without signalling: by heuristic if enabled', async () => {
    expect((await run('show', '--latest', '-r', media)).code).toBe(5);
    const { stdout, code } = await run('show', '--rtp-guess', '-r', media);
    expect(code).toBe(0);
    expect(stdout.match(/^RTP 192/gm)).toHaveLength(2);
    expect(stdout).toContain('not announced by any session description: a guess');
    const [json] = jsonLines((await run('show', '--rtp-guess', '-r', media, '--format', 'json')).stdout);
    expect(json.streams).toHaveLength(2);
  });
});

describe('call list', () => {
  test('worst MOS, loss and one-way audio', async () => {
    const rows = jsonLines((await run('list', '-r', calls, '--media', '--format', 'json')).stdout);
    expect(rows.map(({ callid, mos, loss_percent, codec, flags }) => [callid, mos, loss_percent, codec, flags])).toEqual([
      ['good', 4.41, 0, 'PCMA', []],
      ['bad', 2.63, 20, 'PCMA', ['one-way']],
      ['silent', null, null, '', []],
    ]);
    const table = await run('list', '-r', calls, '--media');
    expect(table.stdout.split('\n')[0]).toContain('loss %');
  });

  test('--max-mos requires media; --flag one-way', async () => {
    const { stdout } = await run('list', '-r', calls, '--max-mos', '3.5', '--format', 'json');
    expect(jsonLines(stdout).map(({ callid }) => callid)).toEqual(['bad']);
    const oneWay = await run('list', '-r', calls, '--media', '--flag', 'one-way', '--format', 'json');
    expect(jsonLines(oneWay.stdout).map(({ callid }) => callid)).toEqual(['bad']);
    const wrong = await run('list', '-r', calls, '--max-mos', 'good');
    expect(wrong).toMatchObject({ code: 2, stderr: "sipcap: invalid --max-mos 'good': expected a number from 1 to 5, as 3.5\n" });
  });
});

test('call stats: distribution of MOS and loss, by codec', async () => {
  const rows = jsonLines((await run('stats', '-r', calls, '--media', '--by', 'codec', '--format', 'json')).stdout);
  expect(rows[0]).toMatchObject({
    group: 'PCMA',
    attempts: 2,
    mos: 3.52,
    mos_4_3: 1,
    mos_below_3_1: 1,
    loss_none: 1,
    loss_5_and_more: 1,
    one_way: 1,
  });
  expect(rows[1]).toMatchObject({ group: '(none)', mos: null, loss_none: null });
  const plain = await run('stats', '-r', calls);
  expect(plain.stdout).not.toContain('MOS');
  expect((await run('stats', '-r', calls, '--media')).stdout).toMatch(/^RTP loss % +10\.00$/m);
});

describe('call export --media', () => {
  test('SIP and RTP of the chosen call, and nothing else', async () => {
    const { stderr, code } = await run('export', 'bad', '-r', calls, '-w', at('bad.pcap'), '--media');
    expect(code).toBe(0);
    expect(stderr).toContain('400 RTP packets of these calls');
    const again = jsonLines((await run('list', '-r', at('bad.pcap'), '--media', '--format', 'json')).stdout);
    expect(again).toMatchObject([{ callid: 'bad', mos: 2.63, messages: 5 }]);
    const [json] = jsonLines((await run('show', '--rtp-guess', '-r', at('bad.pcap'), '--format', 'json')).stdout);
    expect(json.streams).toHaveLength(1);
  });

  test('needs a capture file as output, no --anonymise, and an input to read twice', async () => {
    const base = ['export', 'bad', '-r', calls, '--media', '-w'];
    expect(await run(...base, at('x.txt'))).toMatchObject({ code: 2 });
    expect(await run(...base, at('x.pcap'), '--anonymise')).toMatchObject({ code: 2 });
    expect((await run('export', 'bad', '-r', '-', '--media', '-w', at('x.pcap'))).stderr).toContain('--media reads the input twice');
  });
});

test('capture --rtp stores a report of each stream, which queries of the database use', async () => {
  const db = `sqlite:${at('media.db')}`;
  const stored = await sipcap(['capture', 'mirror', '-r', calls, '--rtp', '--db', db, '--summary', 'json'], { env: { TZ: 'UTC' } });
  expect(stored.code).toBe(0);
  expect(JSON.parse(stored.stderr)).toMatchObject({
    frames: { complete: 15, no_message: { rtp: 1400, no_sip: 100 } },
    messages: { found: 18, delivered: 18 },
  });
  const [json] = jsonLines((await run('show', 'bad', '--db', db, '--format', 'json')).stdout);
  expect(json.quality).toMatchObject([{ from: '192.0.2.1:4000', to: '192.0.2.2:6000', points: [{ loss_percent: 20, mos: 2.63 }] }]);
  const rows = jsonLines((await run('list', '--db', db, '--max-mos', '3.5', '--format', 'json')).stdout);
  expect(rows).toMatchObject([{ callid: 'bad', mos: 2.63 }]);
});
