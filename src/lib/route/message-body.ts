/** The body of a message and its parts (RFC 2046 section 5.1), and the names of its headers. */
import type { BodyPart, ReadOnce, Run } from './run.js';

export function body(run: Run): string | null {
  const sip = run.context.sip();
  const { payload } = run.context.message;
  return sip === null || sip.bodyAt >= payload.length ? null : payload.toString('utf8', sip.bodyAt);
}

/** The parts of a multipart body; a body that has none is one part. */
export function bodyParts(run: Run): readonly BodyPart[] {
  return run.context.sip() === null ? [] : (readOnce(run).parts ??= partsOf(run));
}

function readOnce(run: Run): ReadOnce {
  const { payload } = run.context.message;
  if (run.read?.payload !== payload) run.read = { payload, parts: null, headerNames: null };
  return run.read;
}

function partsOf(run: Run): BodyPart[] {
  const sip = run.context.sip();
  const whole = body(run);
  if (sip === null || whole === null) return [];
  const boundary = boundaryOf(sip.contentType);
  if (boundary === null) return [partOf(sip.contentType, whole)];
  const parts: BodyPart[] = [];
  for (const part of whole.split(`--${boundary}`).slice(1)) {
    if (part.startsWith('--')) break;
    const end = part.search(/\r?\n\r?\n/);
    if (end < 0) continue;
    const contentType = /^content-type[ \t]*:(.*)$/im.exec(part.slice(0, end))?.[1].trim() ?? 'text/plain';
    const text = part
      .slice(end)
      .replace(/^\r?\n\r?\n/, '')
      .replace(/\r?\n$/, '');
    parts.push(partOf(contentType, text));
  }
  return parts;
}

function partOf(contentType: string, text: string): BodyPart {
  return { contentType, type: contentType.split(';')[0].trim().toLowerCase(), text };
}

/** Of a multipart body the types of its parts. */
export function partTypes(run: Run): string[] {
  return boundaryOf(run.context.sip()?.contentType ?? '') === null ? [] : bodyParts(run).map(({ contentType }) => contentType);
}

/** The first part of that type; a negative place counts from the last. */
export function bodyOfType(run: Run, type: string, place = 0): string | null {
  const wanted = type.trim().toLowerCase();
  const found = bodyParts(run).filter(({ type: one }) => one === wanted);
  return found.at(place)?.text ?? null;
}

/** As written, in order. */
export function headerNames(run: Run): readonly string[] {
  return run.context.sip() === null ? [] : (readOnce(run).headerNames ??= namesOf(run));
}

function namesOf(run: Run): string[] {
  const lines = run.context.sip()?.head.split(/\r?\n/) ?? [];
  return lines.slice(1).flatMap((line) => /^([^\s:]+)[ \t]*:/.exec(line)?.slice(1) ?? []);
}

function boundaryOf(contentType: string): string | null {
  return /^multipart\/.*;\s*boundary="?([^";\s]{1,70})/i.exec(contentType)?.[1] ?? null;
}
