/** `--keep all`: the file written by -w holds every packet unchanged; messages are still found and counted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { options } from '../rigs/messages.js';
import { pcap } from '../rigs/capture-files.js';
import * as make from '../rigs/frames.js';
import { sipcap, summary } from '../rigs/sipcap.js';

const FRAME_COUNT = 300;
/** Every third a message, the rest RTP-like noise. */
const FRAMES = Array.from({ length: FRAME_COUNT }, (_, i) =>
  make.ethernet(
    make.ETHER_IPV4,
    make.udpPacket(
      { source: '127.0.0.1', destination: '127.0.0.2', ...(i % 3 === 0 ? {} : { sourcePort: 4000, destinationPort: 4002 }) },
      i % 3 === 0 ? options(`keep-${i}`, 300) : Buffer.alloc(160, i),
    ),
  ),
);

describe('--keep', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipcap-keep-'));
    file = join(folder, 'in.pcap');
    writeFileSync(file, pcap({ records: FRAMES.map((bytes, i) => ({ bytes, seconds: 1_700_000_000, fraction: i * 1000 })) }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('all: the file equals the capture, byte for byte', async () => {
    const out = join(folder, 'all.pcap');
    const ran = await sipcap(['capture', 'mirror', '-r', file, '-w', out, '--keep', 'all', '--summary', 'json']);
    expect(ran.code).toBe(0);
    // The file header is 24 bytes; the snap length in it is ours.
    expect(readFileSync(out).subarray(24).equals(readFileSync(file).subarray(24))).toBe(true);
    expect(summary(ran)).toMatchObject({
      accounting_errors: [],
      messages: { found: 100, delivered: 100 },
      sinks: [{ sink: 'file', written: 100, waiting: 0, lost: 0 }],
    });
  });

  test('sip (the default): only packets that carry messages', async () => {
    const out = join(folder, 'sip.pcap');
    await sipcap(['capture', 'mirror', '-r', file, '-w', out, '--summary', 'json']);
    const again = await sipcap(['capture', 'mirror', '-r', out, '--format', 'none', '--summary', 'json']);
    expect(summary(again)).toMatchObject({ frames: { received: 100, complete: 100 } });
  });

  test('all, rotated: the files together hold every packet', async () => {
    const out = join(folder, 'piece.pcap');
    const large = join(folder, 'large.pcap');
    writeFileSync(
      large,
      pcap({
        records: Array.from({ length: 30 }, () => FRAMES)
          .flat()
          .map((bytes, i) => ({ bytes, seconds: 1_700_000_000, fraction: i * 10 })),
      }),
    );
    const ran = await sipcap(['capture', 'mirror', '-r', large, '-w', out, '--keep', 'all', '-C', '1', '--summary', 'json']);
    expect(summary(ran)).toMatchObject({ accounting_errors: [], sinks: [{ written: 3000 }] });
    const again = await sipcap(['capture', 'mirror', '-r', `${out}*`, '--format', 'none', '--summary', 'json']);
    expect(summary(again)).toMatchObject({ frames: { received: 30 * FRAME_COUNT, complete: 3000 } });
  });

  test('--keep all without -w is reported as without effect', async () => {
    const ran = await sipcap(['capture', 'mirror', '-r', file, '--keep', 'all']);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('sipcap: --keep has no effect without a file (-w FILE)\n')]);
  });
});
