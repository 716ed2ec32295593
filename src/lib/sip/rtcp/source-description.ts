/** SDES, BYE and APP: RFC 3550 sections 6.5, 6.6 and 6.7. */
import { fault, u32, type Fault } from '../../base/index.js';
import type { Application, Goodbye, SdesChunk, SdesItem, SourceDescription } from './packets.js';

/** Item types, by number (section 12.2). */
export const SDES_NAMES: readonly string[] = ['END', 'CNAME', 'NAME', 'EMAIL', 'PHONE', 'LOC', 'TOOL', 'NOTE', 'PRIV'];

const PRIVATE = 8;

/** Chunks: SSRC, items (type, length, text), an END (which some senders omit), and padding to 32 bits. */
export function readSourceDescription(bytes: Buffer, from: number, to: number, count: number): SourceDescription | Fault {
  const chunks: SdesChunk[] = [];
  let at = from;
  while (chunks.length < count) {
    if (to - at < 4) return fault('too_short', 'rtcp sdes', at, 4, to - at);
    const items: SdesItem[] = [];
    let item = at + 4;
    while (item < to && bytes[item] !== 0) {
      const length = item + 1 < to ? bytes[item + 1] : 0;
      if (item + 2 + length > to) return fault('truncated', 'rtcp sdes item', item, 2 + length, to - item);
      items.push(readItem(bytes, bytes[item], item + 2, item + 2 + length));
      item += 2 + length;
    }
    chunks.push({ source: u32(bytes, at), items });
    at += (item + 1 - at + 3) & ~3;
  }
  return { kind: 'sdes', chunks };
}

/** A private item (section 6.5.8) has a prefix, with a length of its own, before its value. */
function readItem(bytes: Buffer, type: number, from: number, to: number): SdesItem {
  if (type !== PRIVATE || from >= to || from + 1 + bytes[from] > to) return { type, prefix: '', text: textOf(bytes, from, to) };
  const value = from + 1 + bytes[from];
  return { type, prefix: textOf(bytes, from + 1, value), text: textOf(bytes, value, to) };
}

/** UTF-8; some senders include a terminating NUL. */
function textOf(bytes: Buffer, from: number, to: number): string {
  let end = to;
  while (end > from && bytes[end - 1] === 0) end--;
  return bytes.utf8Slice(from, end).replaceAll('\0', '\ufffd');
}

/** Sources, then optionally a reason: length and text. */
export function readGoodbye(bytes: Buffer, from: number, to: number, count: number): Goodbye | Fault {
  if (to - from < count * 4) return fault('too_short', 'rtcp bye', from, count * 4, to - from);
  const sources: number[] = [];
  for (let at = from; sources.length < count; at += 4) sources.push(u32(bytes, at));
  const text = from + count * 4;
  if (text >= to) return { kind: 'bye', sources, reason: '' };
  const length = bytes[text];
  if (text + 1 + length > to) return fault('truncated', 'rtcp bye reason', text, 1 + length, to - text);
  return { kind: 'bye', sources, reason: textOf(bytes, text + 1, text + 1 + length) };
}

/** SSRC, a name of four characters, data. */
export function readApplication(bytes: Buffer, from: number, to: number, subtype: number): Application | Fault {
  if (to - from < 8) return fault('too_short', 'rtcp app', from, 8, to - from);
  return { kind: 'app', subtype, ssrc: u32(bytes, from), name: bytes.latin1Slice(from + 4, from + 8), data: bytes.subarray(from + 8, to) };
}
