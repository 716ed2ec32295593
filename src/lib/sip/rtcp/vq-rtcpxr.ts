/**
 * Voice quality reports as text (RFC 6035, `application/vq-rtcpxr`): lines of a name, a colon and a value; metrics
 * are `KEY=value` in a line, in the local part or in the remote one.
 */

export interface VqMetrics {
  /** Line name, then key: `PacketLoss` `NLR`. Values as written, quotes taken off. */
  [line: string]: Record<string, string>;
}

export interface VqReport {
  /** From the first line: a session, an interval or an alert, and the rest of it. */
  kind: 'session' | 'interval' | 'alert';
  event: string;
  callId: string;
  /** Lines that are not metrics: LocalID, RemoteAddr, DialogID and so on. */
  lines: Record<string, string>;
  local: VqMetrics;
  remote: VqMetrics;
}

const KINDS: Readonly<Record<string, VqReport['kind']>> = {
  vqsessionreport: 'session',
  vqintervalreport: 'interval',
  vqalertreport: 'alert',
};
/** Lines that are metrics (section 4.6.1); LocalAddr and the like have KEY=value too, but name an endpoint. */
const METRIC_LINES: ReadonlySet<string> = new Set([
  'timestamps',
  'sessiondesc',
  'jitterbuffer',
  'packetloss',
  'burstgaploss',
  'delay',
  'signal',
  'qualityest',
]);

/** The report, or null if the text is not one. */
export function readVqReport(text: string): VqReport | null {
  const lines = unfold(text)
    .map(nameAndValue)
    .filter((line) => line !== null);
  const kind = lines.length > 0 ? KINDS[lines[0].name.toLowerCase()] : undefined;
  if (kind === undefined) return null;
  const report: VqReport = { kind, event: lines[0].value, callId: '', lines: {}, local: {}, remote: {} };
  let part = report.local;
  for (const { name, value } of lines.slice(1)) {
    const lower = name.toLowerCase();
    if (lower === 'localmetrics') part = report.local;
    else if (lower === 'remotemetrics') part = report.remote;
    else if (METRIC_LINES.has(lower)) part[name] = keysOf(value);
    else if (lower === 'callid') report.callId = value;
    else report.lines[name] = value;
  }
  return report;
}

/** A metric of either part as a number, null if it is absent or not a number. */
export function vqNumber(metrics: VqMetrics, key: string): number | null {
  for (const keys of Object.values(metrics)) {
    if (!(key in keys) || keys[key] === '') continue;
    const value = Number(keys[key]);
    return Number.isFinite(value) ? value : null;
  }
  return null;
}

/** Lines that begin with white space continue the one before, as in SIP. */
function unfold(text: string): string[] {
  return text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
}

function nameAndValue(line: string): { name: string; value: string } | null {
  const colon = line.indexOf(':');
  const name = (colon < 0 ? line : line.slice(0, colon)).trim();
  return name === '' ? null : { name, value: colon < 0 ? '' : line.slice(colon + 1).trim() };
}

/** `KEY=value` separated by white space; quoted values may contain some. */
function keysOf(value: string): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [, key, quoted, plain] of value.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))/g)) keys[key] = quoted ?? plain;
  return keys;
}
