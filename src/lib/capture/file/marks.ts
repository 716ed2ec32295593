/**
 * Digests kept along a stream, at most 256 of them, through its first record and then at about equal distances: they identify a file that is the
 * beginning of this one.
 */

export interface Mark {
  /** Bytes of the stream, through the end of a record. */
  bytes: number;
  /** First 16 hex digits of the SHA-256 of these bytes. */
  digest: string;
}

const MAX_MARKS = 256;
const DIGITS = 16;

export class Marks {
  /** Each as in the text. */
  private kept: string[] = [];
  private next = 0;
  private step = 1;
  private joined = '';

  /** Whether the record that ends here is to be marked. */
  due(bytes: number): boolean {
    return bytes >= this.next;
  }

  add(bytes: number, digest: string): void {
    const mark = `${bytes.toString(36)}:${digest.slice(0, DIGITS)}`;
    this.kept.push(mark);
    this.joined = this.joined === '' ? mark : `${this.joined},${mark}`;
    if (this.kept.length === MAX_MARKS) {
      this.kept = this.kept.filter((_, at) => at === 0 || at % 2 === 1);
      this.joined = this.kept.join();
      this.step = Math.max(this.step * 2, Math.ceil(bytes / this.kept.length));
    }
    this.next = bytes + this.step;
  }

  /** `bytes:digest,…` with the bytes in base 36. */
  get text(): string {
    return this.joined;
  }
}

export function parseMarks(text: string): Mark[] {
  if (text === '') return [];
  return text.split(',').map((mark) => {
    const [bytes, digest = ''] = mark.split(':');
    return { bytes: parseInt(bytes, 36), digest };
  });
}
