/** `-w FILE`: what gets into the file, in which format, and what is counted when it does not. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
import { Writable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { UsageError, type Frame, type Message } from '../../../src/lib/base/index.js';
import { readerFor, sniff } from '../../../src/lib/format/index.js';
import { CaptureFileSink } from '../../../src/lib/sink/capture-file/capture-file-sink.js';
import { NotedLog } from '../../capture/file/rig.js';
import { hepMessage, options } from '../../rigs/messages.js';
import { readAll, type Seen } from '../../format/read-all.js';

const place = mkdtempSync(join(tmpdir(), 'sipcap-w-'));
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

const log = new NotedLog();
afterEach(() => void log.lines.splice(0));

/** Standard output that keeps what it is given, and can be held up or broken. */
class Output extends Writable {
  readonly parts: Buffer[] = [];
  private held: (() => void)[] | null = null;
  broken: NodeJS.ErrnoException | null = null;

  constructor() {
    super({ highWaterMark: 16 });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.held !== null) this.held.push(() => this._write(chunk, _encoding, done));
    else {
      if (this.broken === null) this.parts.push(chunk);
      done(this.broken);
    }
  }

  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const go of held) go();
  }
}

function sinkTo(path: string, stdout: Writable = new Output(), onClosed = () => {}): CaptureFileSink {
  return new CaptureFileSink({ path, stdout, log, onClosed });
}

function frame(number: number, members: Partial<Frame> = {}): Frame {
  const bytes = Buffer.from(`..frame ${number}..`);
  return {
    linkType: 1,
    bytes,
    from: 2,
    to: bytes.length - 2,
    originalLength: bytes.length - 4,
    capturedAt: 1_700_000_000_000_000 + number,
    number,
    sourceIndex: 0,
    ...members,
  };
}

const framed = (...frames: Frame[]): Message => hepMessage({ frames });

function read(bytes: Buffer): Seen[] {
  const { frames, fault } = readAll(readerFor(sniff(bytes))!, bytes);
  expect(fault).toBeNull();
  return frames;
}

const texts = (bytes: Buffer): string[] => read(bytes).map(({ hex }) => Buffer.from(hex, 'hex').toString());

function expectLaw(sink: CaptureFileSink): void {
  const { delivered, written, refused, waiting, lost } = sink.counts();
  expect(delivered).toBe(written + refused + waiting + lost);
}

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

  test('holds a frame once that several messages share; the same number in another file is another frame; in their order', async () => {
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

  test('is a capture file even when nothing came', async () => {
    await sinkTo(at('none.pcap')).close();
    await sinkTo(at('none.pcapng')).close();
    expect(read(readFileSync(at('none.pcap')))).toEqual([]);
    expect(read(readFileSync(at('none.pcapng')))).toEqual([]);
    expect(sniff(readFileSync(at('none.pcapng')))).toBe('pcapng');
  });

  test('is pcapng where its name says so', async () => {
    const sink = sinkTo(at('named.pcapng'));
    sink.accept(framed(frame(1, { linkType: 101 }), frame(2, { linkType: 1 })));
    await sink.close();
    expect(read(readFileSync(at('named.pcapng'))).map(({ linkType }) => linkType)).toEqual([101, 1]);
  });

  test('is there after flush, and takes messages larger than the buffer', async () => {
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

  test('becomes pcapng when a second link type comes, in its place, with its rights', async () => {
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

  test('that cannot be turned into pcapng goes on as it is, and refuses', async () => {
    const sink = sinkTo(at('torn.pcap'));
    sink.accept(framed(frame(1)));
    await sink.flush();
    unlinkSync(at('torn.pcap'));
    for (let number = 2; number < 5; number++) sink.accept(framed(frame(number, { linkType: number === 4 ? 1 : 113 })));
    await sink.close();
    expect(sink.counts()).toEqual({ delivered: 4, written: 2, refused: 2, waiting: 0, lost: 0, reasons: { link_type: 2 } });
    expect(log.lines).toEqual([expect.stringMatching(/cannot be turned into pcapng/)]);
  });

  test('that cannot be opened is a mistake before the start', () => {
    expect(() => sinkTo(at('no/such/file'))).toThrow(UsageError);
    expect(() => sinkTo(place)).toThrow(UsageError);
  });
});

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

  test('that does not drink fills the sink, until it drinks again', async () => {
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

  test('with a name is no file to be replaced', async () => {
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

  test('to the full device: lost, with its reason, and the device stays', async () => {
    const sink = sinkTo('/dev/full');
    sink.accept(framed(frame(1)));
    await sink.close();
    expect(sink.counts()).toMatchObject({ delivered: 1, written: 0, lost: 1, reasons: { write_failed: 1 } });
    expect(log.lines).toEqual([expect.stringMatching(/^\/dev\/full: ENOSPC.*messages are lost$/)]);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });
});

describe('a disk that is full (skipped where no tmpfs can be mounted)', () => {
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
  onSmallDisk.each(['pcap', 'pcapng'])('%s: what is written stays readable, and it goes on when there is space', async (format) => {
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

if (spawnSync('tshark', ['-v']).status !== 0) {
  test.skip('tshark is not installed: it cannot open what was written', () => {});
} else {
  test.each(['pcap', 'pcapng'])('tshark opens %s, with original and synthetic frames', async (format) => {
    const sink = sinkTo(at(`tshark.${format}`));
    const messages = [
      hepMessage({ payload: options('one') }),
      hepMessage({ protocol: 6, payload: options('two', 70_000) }),
      hepMessage({ protocol: 132, payload: options('three'), vlan: 9 }),
    ];
    for (const message of messages) sink.accept(message);
    await sink.close();
    const text = execFileSync(
      'tshark',
      ['-r', at(`tshark.${format}`), '-Y', 'sip', '-T', 'fields', '-e', 'sip.Call-ID', '-e', 'frame.time_epoch'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(text.trim().split('\n')).toEqual(['one', 'two', 'three'].map((callId) => `${callId}\t1700000000.123456000`));
  });
}
