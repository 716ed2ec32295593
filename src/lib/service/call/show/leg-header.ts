/** `--leg-header`: a header that legs have in common, or the part of it that a pattern matches. */
import { UsageError } from '../../../base/index.js';
import type { LegHeader } from '../../../calls/index.js';
import type { Pattern } from '../../../route/filter/index.js';
import { compileLinePattern } from '../../../route/index.js';

/** `X-Session` or `X-Session:id=(\w+)`; the pattern takes linear time on any text. */
export function legHeader(text: string): LegHeader {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!/^[\w!%*+`'~.-]+$/.test(name))
    throw new UsageError(`invalid --leg-header '${text}': expected NAME or NAME:REGEX, as X-Session:id=(\\w+)`);
  if (colon < 0) return { name, pattern: null };
  const pattern = compileLinePattern(text.slice(colon + 1));
  if (typeof pattern === 'string') throw new UsageError(`invalid --leg-header '${text}': ${pattern.replace('(?m)', '')}`);
  return { name, pattern: { exec: (value) => firstMatch(pattern, value) } };
}

function firstMatch(pattern: Pattern, value: string): [string, string | undefined] | null {
  const matcher = pattern.matcher(value);
  if (!matcher.find()) return null;
  return [matcher.group(0) ?? '', matcher.groupCount() > 0 ? (matcher.group(1) ?? undefined) : undefined];
}
