/** Where the correlation id of a report comes from, when neither the option nor the packet says: a rule. */
import { UsageError } from '../../base/index.js';
import { compileLinePattern } from '../../route/index.js';
import { callIdIn, readVqReport } from '../../sip/index.js';

/** '' where the payload has none. */
export type CorrelationRule = (payload: Buffer) => string;

/** `call-id`, `json:path.to.member` or `regex:PATTERN` (its first group, else the whole match). */
export function correlationRule(text: string): CorrelationRule {
  if (text === '') return () => '';
  if (text === 'call-id') return callIdOf;
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (kind === 'json' && rest !== '') {
    const path = rest.split('.');
    return (payload) => {
      const value = member(jsonOf(payload), path);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    };
  }
  if (kind === 'regex' && rest !== '') {
    const pattern = compileLinePattern(rest);
    if (typeof pattern === 'string') throw new UsageError(`invalid --correlation '${text}': ${pattern}`);
    return (payload) => {
      const matcher = pattern.matcher(payload.toString('utf8'));
      if (!matcher.find()) return '';
      return (matcher.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? '';
    };
  }
  throw new UsageError(`invalid --correlation '${text}': expected call-id, json:PATH or regex:PATTERN`);
}

/** The Call-ID of SIP, the CallID of a quality report (RFC 6035), or a member of that name in JSON. */
function callIdOf(payload: Buffer): string {
  if (payload[0] === 0x7b) {
    const json = jsonOf(payload);
    for (const name of ['call_id', 'callid', 'call-id', 'CALLID', 'RTP_SIP_CALL_ID', 'Call-ID', 'correlation_id']) {
      const value = member(json, [name]);
      if (typeof value === 'string' && value !== '') return value;
    }
    return '';
  }
  const report = readVqReport(payload.toString('utf8'));
  if (report !== null) return report.callId;
  const callId = callIdIn(payload);
  if (callId !== '') return callId;
  return /^(?:call-id|i)\s*:\s*(\S+)/im.exec(payload.toString('utf8'))?.[1] ?? '';
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The member at a path of names (and indexes), undefined if there is none. */
export function member(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
