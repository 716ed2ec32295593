/** Hides secrets in the lines of a source, character for character, so that carets keep their columns. */
import type { Place } from '../route/index.js';

/** `scheme://user:password@`, to the last at sign of the line: too much rather than too little. */
const PASSWORD = /(:\/\/[^:@/\s]*:)(.*)(?=@)/g;
const PARAMETER = /([?&](?:password|passwd|pwd)=)([^&\s"']+)/gi;
/** A secret by its name, also where the text around it could not be read. */
const NAMED = /((?:auth_key|token|passw(?:or)?d|passphrase|secret)["']?\s*[:=,]\s*)(\S.*)/gi;

export function hideSecrets(text: string, places: readonly Place[]): string {
  let shown = text;
  for (const { from, to } of places) shown = shown.slice(0, from) + shown.slice(from, to).replace(/[^\s]/g, '*') + shown.slice(to);
  return starred(hidePasswords(shown), NAMED);
}

/** Those of URLs, wherever they stand. */
export function hidePasswords(text: string): string {
  return starred(starred(text, PASSWORD), PARAMETER);
}

function starred(text: string, pattern: RegExp): string {
  return text.replace(pattern, (_, before: string, secret: string) => before + '*'.repeat(secret.length));
}
