/** Splits the bytes of a pipe into lines, without line ends; a line beyond the limit is skipped. */

const MAX_BYTES = 1024 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class LineSplitter {
  /** Lines longer than the limit: skipped entirely. */
  tooLong = 0;
  private pieces: Buffer[] = [];
  private bytes = 0;
  private skipping = false;

  constructor(
    private readonly onLine: (line: Buffer) => void,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      this.add(chunk.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.add(chunk.subarray(from));
  }

  /** The last line may have no end. */
  finish(): void {
    if (this.bytes > 0 || this.skipping) this.end();
  }

  private add(piece: Buffer): void {
    if (piece.length === 0 || this.skipping) return;
    this.bytes += piece.length;
    if (this.bytes <= this.maxBytes) {
      this.pieces.push(piece);
      return;
    }
    this.skipping = true;
    this.pieces = [];
  }

  private end(): void {
    if (this.skipping) this.tooLong++;
    else {
      const line = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
      this.onLine(line[line.length - 1] === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
    }
    this.pieces = [];
    this.bytes = 0;
    this.skipping = false;
  }
}
