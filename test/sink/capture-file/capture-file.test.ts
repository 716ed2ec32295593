/** `-w FILE`: what gets into the file, in which format, and what is counted when it does not. */
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/lib/base/index.js';
import { sniff } from '../../../src/lib/format/index.js';
import { hepMessage } from '../../rigs/messages.js';
import { frame, framed, log, read, sinkTo, texts } from './capture-rig.js';

const place = mkdtempSync(join(tmpdir(), 'sipcap-w-'));

const at = (name: string) => join(place, name);

afterAll(() => rmSync(place, { recursive: true }));

afterEach(() => void log.lines.splice(0));

describe('a regular file', () => {
  test('holds the frames of each message as they were captured', async () => {
    const sink = sinkTo(at('frames.pcap'));
    expect(sink.accept(framed(frame(3, { originalLength: 1500, linkType: 113 }), frame(5, { linkType: 113 })))).toBe(true);
    expect(sink.counts()).toMatchObject({ delivered: 1, written: 0, waiting: 1 });
    await sink.close();
    expect(read(readFileSync(at('frames.pcap')))).toMatchObject([
      { linkType: 113, originalLength: 1500, capturedAt: 1_700_000_000_000_003, hex: Buffer.from('frame 3').toString('hex') },
      { linkType: 113, originalLength: 7, capturedAt: 1_700_000_000_000_005 },
    ]);
    expect(sink.counts()).toEqual({ delivered: 1, written: 1, refused: 0, waiting: 0, lost: 0, reasons: {} });
  });

  test('holds a frame once with one byte, as a time, and once whole for its own message', async () => {
    const sink = sinkTo(at('times.pcap'));
    const time = (number: number) => frame(number, { to: 3 });
    for (const frames of [[frame(3), time(5)], [time(5)], [frame(5)], [frame(5), time(5)], [time(3)]]) sink.accept(framed(...frames));
    await sink.close();
    expect(texts(readFileSync(at('times.pcap')))).toEqual(['frame 3', 'f', 'frame 5']);
    expect(sink.counts()).toMatchObject({ delivered: 5, written: 5 });
  });

  test('holds a frame shared by several messages once; the same number in another file is another frame; in order', async () => {
    const sink = sinkTo(at('shared.pcap'));
    sink.accept(framed(frame(1), frame(2)));
    sink.accept(framed(frame(2), frame(3)));
    sink.accept(framed(frame(2)));
    sink.accept(framed(frame(2, { sourceIndex: 1 })));
    sink.accept(framed(frame(0), frame(0)));
    await sink.close();
    expect(texts(readFileSync(at('shared.pcap')))).toEqual(['frame 0', 'frame 0', 'frame 1', 'frame 2', 'frame 2', 'frame 3']);
    expect(sink.counts()).toMatchObject({ delivered: 5, written: 5 });
  });

  test('holds synthetic frames for messages without any', async () => {
    const sink = sinkTo(at('synthetic.pcap'));
    const message = hepMessage();
    sink.accept(message);
    sink.accept(message);
    await sink.close();
    const frames = read(readFileSync(at('synthetic.pcap')));
    expect(frames).toMatchObject([{ linkType: 1, capturedAt: message.capturedAt }, { linkType: 1 }]);
    expect(frames[0].hex.endsWith(message.payload.toString('hex'))).toBe(true);
  });

  test('is a valid capture file even without messages', async () => {
    await sinkTo(at('none.pcap')).close();
    await sinkTo(at('none.pcapng')).close();
    expect(read(readFileSync(at('none.pcap')))).toEqual([]);
    expect(read(readFileSync(at('none.pcapng')))).toEqual([]);
    expect(sniff(readFileSync(at('none.pcapng')))).toBe('pcapng');
  });

  test('is pcapng if its name ends in .pcapng', async () => {
    const sink = sinkTo(at('named.pcapng'));
    sink.accept(framed(frame(1, { linkType: 101 }), frame(2, { linkType: 1 })));
    await sink.close();
    expect(read(readFileSync(at('named.pcapng'))).map(({ linkType }) => linkType)).toEqual([101, 1]);
  });

  test('is complete after flush, and takes messages larger than the buffer', async () => {
    const sink = sinkTo(at('large.pcap'));
    sink.accept(framed(frame(1)));
    const bytes = Buffer.alloc(700_000, 'x');
    sink.accept(framed(frame(2, { bytes, from: 0, to: bytes.length, originalLength: bytes.length }), frame(3)));
    sink.accept(framed(frame(4)));
    await sink.flush();
    expect(sink.counts()).toMatchObject({ delivered: 3, written: 3, waiting: 0 });
    expect(texts(readFileSync(at('large.pcap')))).toEqual(['frame 1', bytes.toString(), 'frame 3', 'frame 4']);
    await sink.close();
  });

  test('becomes pcapng on a second link type, in place, with the same permissions', async () => {
    const real = at('real.pcap');
    writeFileSync(real, 'old');
    chmodSync(real, 0o640);
    symlinkSync(real, at('link.pcap'));
    const sink = sinkTo(at('link.pcap'));
    // More than one chunk of the copy, and more than one buffer of the sink.
    const expected: string[] = [];
    for (let number = 1; number <= 2000; number++) {
      const bytes = Buffer.alloc(700, `${number} `);
      expected.push(bytes.toString());
      sink.accept(framed(frame(number, { bytes, from: 0, to: 700, originalLength: 700 })));
    }
    sink.accept(framed(frame(2001, { linkType: 113 })));
    sink.accept(framed(frame(2002), frame(2003, { linkType: 276 })));
    await sink.close();
    const frames = read(readFileSync(real));
    expect(frames.map(({ hex }) => Buffer.from(hex, 'hex').toString())).toEqual([...expected, 'frame 2001', 'frame 2002', 'frame 2003']);
    expect(frames.map(({ linkType }) => linkType)).toEqual([...expected.map(() => 1), 113, 1, 276]);
    expect(frames[7].capturedAt).toBe(1_700_000_000_000_008);
    expect([statSync(real).mode & 0o777, lstatSync(at('link.pcap')).isSymbolicLink()]).toEqual([0o640, true]);
    expect(readdirSync(place).filter((name) => name.endsWith('.rewriting'))).toEqual([]);
    expect(sink.counts()).toMatchObject({ delivered: 2002, written: 2002, refused: 0 });
  });

  test('that cannot be converted to pcapng continues unchanged, and refuses the second link type', async () => {
    const sink = sinkTo(at('torn.pcap'));
    sink.accept(framed(frame(1)));
    await sink.flush();
    unlinkSync(at('torn.pcap'));
    for (let number = 2; number < 5; number++) sink.accept(framed(frame(number, { linkType: number === 4 ? 1 : 113 })));
    await sink.close();
    expect(sink.counts()).toEqual({ delivered: 4, written: 2, refused: 2, waiting: 0, lost: 0, reasons: { link_type: 2 } });
    expect(log.lines).toEqual([expect.stringMatching(/cannot be turned into pcapng/)]);
  });

  test('that cannot be opened is a startup error', () => {
    expect(() => sinkTo(at('no/such/file'))).toThrow(UsageError);
    expect(() => sinkTo(place)).toThrow(UsageError);
  });
});
