/** A decoding worker: frames in, messages out, with a pipeline and books of its own. Started as a thread by the pool. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Frame, Message } from '../../base/index.js';
import { FramePipeline } from '../frame-pipeline.js';
import { Ledger } from '../ledger.js';
import { FRAME_NUMBERS, type Answer, type Books, type Found, type FrameBatch, type LastWord, type Piece, type WorkerOptions } from './words.js';

const FIRST_BYTES = 64 * 1024;

class Worker {
  private readonly ledger = new Ledger();
  private readonly pipeline: FramePipeline;
  private readonly frame: Frame = { linkType: 0, bytes: Buffer.alloc(0), from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  private order = 0;
  private found: Found[] = [];
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private used = 0;

  constructor(options: WorkerOptions) {
    this.pipeline = new FramePipeline(options, this.ledger, () => true, (message) => this.keep(message));
  }

  batch({ round, bytes, frames }: FrameBatch): Answer {
    const { frame } = this;
    frame.bytes = Buffer.from(bytes);
    for (let at = 0; at < frames.length; at += FRAME_NUMBERS) {
      this.order = frames[at];
      frame.linkType = frames[at + 1];
      frame.from = frames[at + 2];
      frame.to = frames[at + 3];
      frame.originalLength = frames[at + 4];
      frame.capturedAt = frames[at + 5];
      frame.number = frames[at + 6];
      frame.sourceIndex = frames[at + 7];
      this.pipeline.frame(frame);
    }
    return this.answer(round);
  }

  finish(): Answer {
    this.pipeline.finish();
    return this.answer(-1);
  }

  private keep(message: Message): boolean {
    const { payload, envelope, frames, sip: _, ...rest } = message;
    this.found.push({
      order: this.order, message: rest, payload: this.copy(payload),
      envelope: envelope === null ? null : { ...bare(envelope), ...this.copy(envelope.bytes) },
      frames: frames.map((frame) => ({ ...bare(frame), ...this.copy(frame.bytes.subarray(frame.from, frame.to)) })),
    });
    return true;
  }

  private copy(bytes: Buffer): Piece {
    if (this.used + bytes.length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.used + bytes.length));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    const from = this.used;
    this.used += bytes.copy(this.bytes, from);
    return { from, to: this.used };
  }

  private answer(round: number): Answer {
    const { found, bytes } = this;
    this.found = [];
    this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.used));
    this.used = 0;
    return { round, found, bytes: bytes.buffer as ArrayBuffer, books: this.books() };
  }

  private books(): Books {
    const { received, bytes, part, complete, found, firstAt, lastAt, without, filtered, rejected, notes } = this.ledger;
    return { received, bytes, part, complete, found, firstAt, lastAt, without: without.toJSON(), filtered: filtered.toJSON(), rejected: rejected.toJSON(), notes: notes.toJSON() };
  }
}

/** Without its bytes, which go over beside it. */
function bare<T extends { bytes: Buffer }>({ bytes: _, ...rest }: T): Omit<T, 'bytes'> {
  return rest;
}

if (parentPort !== null) {
  const port = parentPort;
  const worker = new Worker(workerData as WorkerOptions);
  port.on('message', (word: FrameBatch | LastWord) => {
    const answer = 'finish' in word ? worker.finish() : worker.batch(word);
    port.postMessage(answer, [answer.bytes]);
  });
}
