/** A decoding worker: frames in, messages out, with its own extractor and ledger. Started as a thread by the pool. */
import { parentPort, workerData } from 'node:worker_threads';
import { Ledger, emptyFrame, ledgerCounts, type Message } from '../../base/index.js';
import { FrameExtractor } from '../frame-extractor.js';
import { MessagePacker } from './packed-messages.js';
import { FRAME_NUMBERS, type Answer, type FrameBatch, type LastWord, type WorkerOptions } from './worker-protocol.js';

class Worker {
  private readonly ledger = new Ledger();
  private readonly pipeline: FrameExtractor;
  private readonly frame = emptyFrame();
  private order = 0;
  private readonly packer = new MessagePacker();

  constructor(options: WorkerOptions) {
    this.pipeline = new FrameExtractor(
      options,
      this.ledger,
      () => '',
      (message) => this.keep(message),
    );
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
      frame.nanoseconds = frames[at + 6];
      frame.number = frames[at + 7];
      frame.sourceIndex = frames[at + 8];
      this.pipeline.frame(frame);
    }
    return this.answer(round);
  }

  finish(): Answer {
    this.pipeline.finish();
    return this.answer(-1);
  }

  private keep(message: Message): boolean {
    this.packer.add(this.order, message);
    return true;
  }

  private answer(round: number): Answer {
    return { round, messages: this.packer.packed(), counts: ledgerCounts(this.ledger) };
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const worker = new Worker(workerData as WorkerOptions);
  port.on('message', (word: FrameBatch | LastWord) => {
    const answer = 'finish' in word ? worker.finish() : worker.batch(word);
    port.postMessage(answer, [answer.messages.bytes, answer.messages.numbers.buffer as ArrayBuffer]);
  });
}
