/** All messages of capture files, by the same path as the commands. */
import { PassThrough } from 'node:stream';
import { PAYLOAD_SIP, silentLog, Ledger, type Frame, type Message } from '../../src/lib/base/index.js';
import { CaptureFiles } from '../../src/lib/capture/file/index.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { FrameExtractor, type FrameExtractorOptions } from '../../src/lib/extract/frame-extractor.js';

export interface ReadResult {
  messages: Message[];
  ledger: Ledger;
}

/** SIP is parsed; messages that are refused are not among them. `onFrame` sees every frame. */
export async function readMessages(
  files: string[],
  options: Partial<FrameExtractorOptions> = {},
  onFrame: (frame: Frame) => void = () => {},
): Promise<ReadResult> {
  const messages: Message[] = [];
  const ledger = new Ledger();
  const source = await CaptureFiles.open(files, { stdin: new PassThrough(), log: silentLog, digests: false });
  const preparer = new MessagePreparer(ledger);
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, ...options },
    ledger,
    () => '',
    (message) => {
      preparer.prepare(message, false);
      const wrong = message.payloadType === PAYLOAD_SIP ? preparer.sip(message) : '';
      if (wrong !== '') ledger.rejected.add(wrong);
      else {
        ledger.delivered++;
        messages.push(message);
      }
      return true;
    },
  );
  await source.start(
    (frame: Frame) => {
      onFrame(frame);
      return pipeline.frame(frame);
    },
    { ready: async () => {} },
  );
  pipeline.finish();
  return { messages, ledger };
}
