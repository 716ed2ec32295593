/** Payloads as senders wrap them: padded with NULs (OpenSIPS), or SIP inside JSON (OpenSIPS for Homer 6). */

/** Without the NULs behind the message; NULs that Content-Length counts to the body stay. */
export function payloadWithoutPadding(payload: Buffer): Buffer {
  let end = payload.length;
  while (end > 0 && payload[end - 1] === 0) end--;
  const headEnd = payload.indexOf('\r\n\r\n');
  if (headEnd >= 0) {
    const length = /\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?\n/i.exec(payload.latin1Slice(0, headEnd + 2));
    if (length !== null) end = Math.max(end, Math.min(payload.length, headEnd + 4 + Number(length[1])));
  }
  return payload.subarray(0, end);
}

/** The member `payload` of a JSON object, or null where the bytes are no such object. */
export function unwrapJson(payload: Buffer): Buffer | null {
  try {
    const object = JSON.parse(payload.toString('utf8')) as { payload?: unknown };
    return typeof object.payload === 'string' && object.payload !== '' ? Buffer.from(object.payload, 'utf8') : null;
  } catch {
    return null;
  }
}
