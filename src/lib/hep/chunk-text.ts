/** Text from chunks. Senders pad with NULs, and write the same name into every packet. */

/** UTF-8 text of a chunk; padding NULs are removed, others replaced. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  let end = to;
  while (end > from && bytes[end - 1] === 0) end--;
  const value = bytes.utf8Slice(from, end);
  return value.indexOf('\0') < 0 ? value : value.replaceAll('\0', '\ufffd');
}

const MAX_REMEMBERED_BYTES = 64;

/** Text that is usually the same as in the previous packet: decoded once, then compared. */
export class RepeatedText {
  private bytes = Buffer.alloc(0);
  private text = '';

  of(bytes: Buffer, from: number, to: number): string {
    if (this.isSame(bytes, from, to)) return this.text;
    const text = textOf(bytes, from, to);
    if (to - from > MAX_REMEMBERED_BYTES) return text;
    this.bytes = Buffer.from(bytes.subarray(from, to));
    this.text = text;
    return text;
  }

  private isSame(bytes: Buffer, from: number, to: number): boolean {
    const known = this.bytes;
    if (known.length !== to - from) return false;
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
    return true;
  }
}
