/**
 * permessage-deflate (RFC 7692 section 7.2.2): each message is deflate data without its last four bytes, and may refer to
 * the preceding 32 KiB of text, across messages. After a lost message the window is empty: what refers to lost text fails
 * to decompress, and never turns into other text.
 */
import { constants, inflateRawSync } from 'node:zlib';
import { ownCopy } from '../base/index.js';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const WINDOW_BYTES = 32_768;
const NO_BYTES = Buffer.alloc(0);

export class MessageInflater {
  private window: Buffer = NO_BYTES;

  constructor(private readonly maxBytes: number) {}

  /** The message's text, or null if it does not decompress or is too large. */
  inflate(message: Buffer): Buffer | null {
    try {
      const text = inflateRawSync(Buffer.concat([message, TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.maxBytes,
        ...(this.window.length > 0 ? { dictionary: this.window } : {}),
      });
      const joined = text.length >= WINDOW_BYTES ? text : Buffer.concat([this.window, text]);
      this.window = ownCopy(joined, Math.max(0, joined.length - WINDOW_BYTES));
      return text;
    } catch {
      // zlib throws for bad data; here it becomes a value.
      this.forget();
      return null;
    }
  }

  /** A message is lost: the text before it can no longer be referred to. */
  forget(): void {
    this.window = NO_BYTES;
  }
}
