/** Fast methods that Node's Buffer has had since version 0.11 and its type package leaves out. */
declare global {
  interface Buffer {
    latin1Slice(start?: number, end?: number): string;
    utf8Slice(start?: number, end?: number): string;
    asciiSlice(start?: number, end?: number): string;
    utf8Write(text: string, offset?: number, length?: number): number;
  }
}
export {};
