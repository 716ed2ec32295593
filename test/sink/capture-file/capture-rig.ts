/** Capture file sinks, and what they wrote. */
import { Writable } from 'node:stream';
import { expect } from '@jest/globals';
import { type Frame, type Message } from '../../../src/lib/base/index.js';
import { readerFor, sniff } from '../../../src/lib/format/index.js';
import { CaptureFileSink } from '../../../src/lib/sink/capture-file/capture-file-sink.js';
import { NotedLog } from '../../capture/file/rig.js';
import { hepMessage } from '../../rigs/messages.js';
import { readAll, type Seen } from '../../format/read-all.js';

export const log = new NotedLog();

/** Standard output that keeps what it is given, and can be held up or broken. */
export class Output extends Writable {
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

export function sinkTo(path: string, stdout: Writable = new Output(), onClosed = () => {}): CaptureFileSink {
  return new CaptureFileSink({ path, stdout, log, onClosed });
}

export function frame(number: number, members: Partial<Frame> = {}): Frame {
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

export const framed = (...frames: Frame[]): Message => hepMessage({ frames });

export function read(bytes: Buffer): Seen[] {
  const { frames, fault } = readAll(readerFor(sniff(bytes))!, bytes);
  expect(fault).toBeNull();
  return frames;
}

export const texts = (bytes: Buffer): string[] => read(bytes).map(({ hex }) => Buffer.from(hex, 'hex').toString());
