/** All messages of capture files, by the same road as the commands. */
import { PassThrough } from 'node:stream';
import { silentLog, Ledger, type Frame, type Message, type Sink, type SinkCounts } from '../../src/lib/base/index.js';
import { CaptureFiles } from '../../src/lib/capture/file/index.js';
import { Dispatcher } from '../../src/lib/pipeline/dispatcher.js';
import { FrameExtractor, type FrameExtractorOptions } from '../../src/lib/extract/frame-extractor.js';

export interface ReadResult {
  messages: Message[];
  ledger: Ledger;
}

/** SIP is parsed; messages that are refused are not among them. */
export async function readMessages(files: string[], options: Partial<FrameExtractorOptions> = {}): Promise<ReadResult> {
  const messages: Message[] = [];
  const ledger = new Ledger();
  const source = await CaptureFiles.open(files, { stdin: new PassThrough(), log: silentLog, digests: false });
  const collector = new Collector(messages);
  const dispatcher = new Dispatcher({ sinks: [collector], ledger, parse: true, count: 0, onCount: () => {} });
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, ...options },
    ledger,
    () => true,
    (message) => dispatcher.dispatch(message),
  );
  await source.start((frame: Frame) => pipeline.frame(frame), { ready: async () => {} });
  pipeline.finish();
  return { messages, ledger };
}

class Collector implements Sink {
  readonly name = 'collector';

  constructor(private readonly messages: Message[]) {}

  accept(message: Message): boolean {
    this.messages.push(message);
    return true;
  }

  async ready(): Promise<void> {}

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  counts(): SinkCounts {
    const { length } = this.messages;
    return { delivered: length, written: length, refused: 0, waiting: 0, lost: 0, reasons: {} };
  }
}
