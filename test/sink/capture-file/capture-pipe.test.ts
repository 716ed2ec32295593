/** Capture files written to pipes and to full disks. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { CaptureFileSink } from '../../../src/lib/sink/capture-file/capture-file-sink.js';
import { Output, frame, framed, log, read, sinkTo, texts } from './capture-rig.js';

const place = mkdtempSync(join(tmpdir(), 'sipcap-w-'));

const at = (name: string) => join(place, name);

function expectLaw(sink: CaptureFileSink): void {
  const { delivered, written, refused, waiting, lost } = sink.counts();
  expect(delivered).toBe(written + refused + waiting + lost);
}

afterAll(() => rmSync(place, { recursive: true }));

afterEach(() => void log.lines.splice(0));

describe('a pipe', () => {
  test('gets the same bytes; a second link type is refused and counted', async () => {
    const stdout = new Output();
    const sink = sinkTo('-', stdout);
    sink.accept(framed(frame(1)));
    sink.accept(framed(frame(2, { linkType: 113 })));
    sink.accept(framed(frame(3), frame(4, { linkType: 113 })));
    sink.accept(framed(frame(5)));
    await sink.close();
    expect(texts(Buffer.concat(stdout.parts))).toEqual(['frame 1', 'frame 5']);
    expect(sink.counts()).toEqual({ delivered: 4, written: 2, refused: 2, waiting: 0, lost: 0, reasons: { link_type: 2 } });
    expect(stdout.writableEnded).toBe(false);
  });

  test('without a reader fills the sink, until it is read again', async () => {
    const stdout = new Output();
    stdout.hold();
    const sink = sinkTo('-', stdout);
    const bytes = Buffer.alloc(10_000, 'y');
    let accepted = 0;
    while (accepted < 1000 && sink.accept(framed(frame(++accepted, { bytes, from: 0, to: bytes.length, originalLength: bytes.length }))));
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(200);
    expect(sink.counts()).toMatchObject({ delivered: accepted, written: 0, waiting: accepted });
    let isReady = false;
    const ready = sink.ready().then(() => (isReady = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isReady).toBe(false);
    stdout.release();
    await ready;
    await sink.close();
    expect(sink.counts()).toMatchObject({ delivered: accepted, written: accepted, waiting: 0 });
    expect(read(Buffer.concat(stdout.parts))).toHaveLength(accepted);
  });

  test.each([
    ['EPIPE', 'closed_pipe', 0],
    ['ENOSPC', 'write_failed', 1],
  ] as const)('that breaks with %s is counted as %s', async (code, reason, logged) => {
    const stdout = new Output();
    let closed = 0;
    const sink = sinkTo('-', stdout, () => closed++);
    sink.accept(framed(frame(1)));
    await sink.flush();
    stdout.broken = Object.assign(new Error('no more'), { code });
    sink.accept(framed(frame(2)));
    await sink.flush();
    expectLaw(sink);
    for (let number = 3; number < 6; number++) expect(sink.accept(framed(frame(number)))).toBe(true);
    await sink.ready();
    await sink.close();
    expect(sink.counts()).toEqual({ delivered: 5, written: 1, refused: 0, waiting: 0, lost: 4, reasons: { [reason]: 4 } });
    expect([closed, log.lines.length]).toEqual([1, logged]);
  });

  test('with a name is not replaced by a file', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    const reader = spawn('cat', [at('fifo')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    reader.stdout.on('data', (part: Buffer) => parts.push(part));
    const ended = once(reader, 'close');
    const sink = sinkTo(at('fifo'));
    sink.accept(framed(frame(1)));
    sink.accept(framed(frame(2, { linkType: 113 })));
    await sink.close();
    await ended;
    expect(texts(Buffer.concat(parts))).toEqual(['frame 1']);
    expect(lstatSync(at('fifo')).isFIFO()).toBe(true);
  });

  test('to /dev/full: lost, with the reason, and the device is not replaced', async () => {
    const sink = sinkTo('/dev/full');
    sink.accept(framed(frame(1)));
    await sink.close();
    expect(sink.counts()).toMatchObject({ delivered: 1, written: 0, lost: 1, reasons: { write_failed: 1 } });
    expect(log.lines).toEqual([expect.stringMatching(/^\/dev\/full: ENOSPC.*messages are lost$/)]);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });
});

describe('a full disk (skipped where no tmpfs can be mounted)', () => {
  const disk = at('disk');
  let mounted = false;
  try {
    execFileSync('mkdir', [disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    mounted = true;
  } catch {
    // No root, or a container.
  }
  afterAll(() => void (mounted && execFileSync('umount', [disk])));

  const onSmallDisk = mounted ? test : test.skip;
  onSmallDisk.each(['pcap', 'pcapng'])('%s: the file stays readable, and writing continues when there is space', async (format) => {
    const path = join(disk, `full.${format}`);
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(400_000));
    const sink = sinkTo(path);
    const bytes = Buffer.alloc(1000);
    const some = (from: number, to: number) => {
      for (let number = from; number < to; number++) {
        bytes.fill(`${number} `);
        sink.accept(framed(frame(number, { bytes: Buffer.from(bytes), from: 0, to: 1000, originalLength: 1000 })));
      }
    };
    some(1, 1000);
    await sink.flush();
    const { written, lost, reasons } = sink.counts();
    expect(lost).toBeGreaterThan(300);
    expect(reasons).toEqual({ write_failed: lost });
    expect(texts(readFileSync(path))).toHaveLength(written);
    unlinkSync(ballast);
    some(1000, 1100);
    await sink.close();
    const numbers = texts(readFileSync(path)).map((text) => parseInt(text, 10));
    expect(numbers.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => 1000 + i));
    expect(numbers).toHaveLength(written + 100);
    expect(sink.counts()).toMatchObject({ delivered: 1099, written: written + 100, lost, waiting: 0 });
    expect(log.lines).toHaveLength(1);
    unlinkSync(path);
  });

  onSmallDisk('full from the first byte: the header comes with the first message that fits', async () => {
    const ballast = join(disk, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
    const sink = sinkTo(join(disk, 'first.pcap'));
    sink.accept(framed(frame(1)));
    await sink.flush();
    unlinkSync(ballast);
    sink.accept(framed(frame(1), frame(2, { linkType: 1 })));
    await sink.close();
    expect(texts(readFileSync(join(disk, 'first.pcap')))).toEqual(['frame 1', 'frame 2']);
    expect(sink.counts()).toMatchObject({ written: 1, lost: 1 });
    unlinkSync(join(disk, 'first.pcap'));
  });

  onSmallDisk('no space to turn it into pcapng: the file stays what it was', async () => {
    const path = join(disk, 'stays.pcap');
    const sink = sinkTo(path);
    const bytes = Buffer.alloc(600_000, 'z');
    sink.accept(framed(frame(1, { bytes, from: 0, to: bytes.length, originalLength: bytes.length })));
    sink.accept(framed(frame(2, { linkType: 113 })));
    sink.accept(framed(frame(3)));
    await sink.close();
    expect(texts(readFileSync(path)).map((text) => text.length)).toEqual([600_000, 7]);
    expect(sink.counts()).toMatchObject({ written: 2, refused: 1, lost: 0, reasons: { link_type: 1 } });
    expect(readdirSync(disk)).toEqual(['stays.pcap']);
    unlinkSync(path);
  });
});
