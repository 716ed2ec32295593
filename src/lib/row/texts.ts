/** Texts that rarely change between messages, cached: `date` and `node`. */
import type { Counters } from '../base/index.js';

/** `node`: the capture node's name, with the agent id where the message carries one. */
export class NodeText {
  private node = '';
  private id = NaN;
  private text = '';

  of(captureNode: string, captureId: number): string {
    if (captureId !== this.id || captureNode !== this.node) {
      this.node = captureNode;
      this.id = captureId;
      this.text = captureId < 0 ? captureNode : `${captureNode}:${captureId}`;
    }
    return this.text;
  }
}

/** `stream`: 64 bits in decimal digits, the same for many messages. */
export class StreamText {
  private stream = -1n;
  private text = '';

  of(stream: bigint): string {
    if (stream !== this.stream) {
      this.stream = stream;
      this.text = String(stream);
    }
    return this.text;
  }
}

/** 9999-12-31 23:59:59, the last second that `YYYY-MM-DD` can express. */
const LAST_SECOND = 253_402_300_799;

/** `YYYY-MM-DD HH:MM:SS` of capture times, in UTC or the local zone; traffic comes many to the second, so the last text is cached. */
export class DateText {
  private second = NaN;
  private text = '';

  constructor(private readonly isLocal = false) {}

  /** Times that the text cannot express are clamped, and counted. */
  at(microseconds: number, cuts: Counters): string {
    const second = Math.floor(microseconds / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.text = this.textOf(Math.min(Math.max(second, 0), LAST_SECOND) * 1000);
    }
    if (second < 0 || second > LAST_SECOND) cuts.add('clamped_date');
    return this.text;
  }

  private textOf(milliseconds: number): string {
    const offsetMinutes = this.isLocal ? new Date(milliseconds).getTimezoneOffset() : 0;
    return new Date(milliseconds - offsetMinutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  }
}
