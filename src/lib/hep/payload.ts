/** Payloads as senders wrap them: padded with NULs (OpenSIPS v1 and v2), or SIP inside JSON (OpenSIPS for Homer 6). */
import { isUtf8 } from 'node:buffer';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const LONG_NAME = 'content-length';
const COMPACT_NAME = 'l';

/** Without trailing NULs; NULs inside the body by Content-Length stay. */
export function payloadWithoutPadding(payload: Buffer): Buffer {
  let end = payload.length;
  while (end > 0 && payload[end - 1] === 0) end--;
  const bodyEnd = declaredEnd(payload);
  return payload.subarray(0, Math.max(end, Math.min(payload.length, bodyEnd)));
}

/** Where the body ends by Content-Length (RFC 3261 section 20.14, compact form l); 0 without one. */
function declaredEnd(payload: Buffer): number {
  let length = -1;
  for (let i = 0; i < payload.length; i++) {
    if (payload[i] !== LF) continue;
    const next = payload[i + 1];
    if (next === LF || (next === CR && payload[i + 2] === LF)) {
      const bodyAt = i + (next === LF ? 2 : 3);
      return length < 0 ? 0 : bodyAt + length;
    }
    if (length < 0) length = lengthOnLine(payload, i + 1);
  }
  return 0;
}

/** The number of a Content-Length line that begins at `at`, or -1. */
function lengthOnLine(payload: Buffer, at: number): number {
  const first = payload[at] | 0x20;
  const name = first === 0x63 ? LONG_NAME : first === 0x6c ? COMPACT_NAME : '';
  if (name === '') return -1;
  for (let i = 1; i < name.length; i++) if ((payload[at + i] | 0x20) !== (name.charCodeAt(i) | 0x20)) return -1;
  let i = at + name.length;
  while (payload[i] === 0x20 || payload[i] === 0x09) i++;
  if (payload[i++] !== COLON) return -1;
  while (payload[i] === 0x20 || payload[i] === 0x09) i++;
  let value = -1;
  for (; payload[i] >= 0x30 && payload[i] <= 0x39 && value < 1e9; i++) value = Math.max(value, 0) * 10 + payload[i] - 0x30;
  return value;
}

/** The member `payload` of a JSON object, or null if the bytes are not such an object. */
export function unwrapJson(payload: Buffer): Buffer | null {
  // Bytes that are not UTF-8 come from SIP in another encoding: latin1 keeps each byte.
  const encoding = isUtf8(payload) ? 'utf8' : 'latin1';
  try {
    const object = JSON.parse(payload.toString(encoding)) as { payload?: unknown };
    return typeof object.payload === 'string' && object.payload !== '' ? Buffer.from(object.payload, encoding) : null;
  } catch {
    return null;
  }
}
