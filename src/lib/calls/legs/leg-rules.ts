/** What in a message names a related call: which header, which part of it, and what the value is compared with. */
import type { Message, SipFields } from '../../base/index.js';
import { headerValues } from '../../sip/index.js';

/** A header given by the operator, with the part of its value that counts (the first group, else the whole match). */
export interface LegHeader {
  name: string;
  /** Null takes the whole value. */
  pattern: { exec(text: string): readonly [string, string | undefined] | null } | null;
}

export interface LegKey {
  /** Rule by which it was found: the header's or column's name. */
  why: string;
  value: string;
}

/** A header that may hold a key: most messages have none. */
const LINKING = /\n(?:x-call-?id|session-id|replaces|target-dialog|in-reply-to|join|refer-to|r|x-cid)[ \t]*:/i;
const NO_UUID = /^0{32}$/;
const UUID = /^[0-9a-f]{32}$/i;
const MAX_VALUE = 256;
/** Before values of that header. */
const SESSION_ID = 'session-id:';

/** Most messages carry no key: only those that begin, answer or transfer calls, or name a leg, are examined. */
export function mayName({ correlationId }: Message, { method, callIdAleg, callId }: SipFields): boolean {
  if (callIdAleg !== '' || (correlationId !== '' && correlationId !== callId)) return true;
  return method === 'INVITE' || method === 'REFER' || method === '200';
}

/** Values by the default rules (X-CID, X-Call-ID, correlation id, Session-ID, Replaces and similar) and the operator's headers. */
export function legKeys(message: Message, sip: SipFields, headers: readonly LegHeader[] = []): LegKey[] {
  const keys: LegKey[] = [];
  const add = (why: string, text: string) => {
    const value = text.trim();
    if (value !== '' && value.length <= MAX_VALUE && value !== sip.callId && !keys.some((key) => key.value === value))
      keys.push({ why, value });
  };
  if (sip.callIdAleg !== '') add('X-CID', sip.callIdAleg);
  // Senders that know no other leg put the message's own Call-ID there.
  if (message.correlationId !== '') add('correlation_id', message.correlationId);
  if (LINKING.test(sip.head)) addHeaders(sip, add);
  for (const { name, pattern } of headers)
    for (const value of headerValues(sip, name)) {
      if (pattern === null) add(name, value);
      else {
        const match = pattern.exec(value);
        if (match !== null) add(name, match[1] ?? match[0]);
      }
    }
  return keys;
}

function addHeaders(sip: SipFields, add: (why: string, value: string) => void): void {
  for (const name of ['X-CID', 'X-Call-ID', 'X-CallID']) for (const value of headerValues(sip, name)) add(name, value);
  for (const value of headerValues(sip, 'session-id')) for (const uuid of sessionIds(value)) add('Session-ID', uuid);
  for (const name of ['Replaces', 'Target-Dialog', 'Join']) for (const value of headerValues(sip, name)) add(name, value.split(';', 1)[0]);
  for (const value of headerValues(sip, 'in-reply-to')) for (const id of value.split(',')) add('In-Reply-To', id);
  for (const value of headerValues(sip, 'refer-to')) {
    const escaped = /[?&]replaces=([^&>]+)/i.exec(value);
    if (escaped !== null) add('Refer-To', unescaped(escaped[1]).split(';', 1)[0]);
  }
}

/** RFC 7989: `local;remote=other`, both sides' UUIDs, which swap with the direction; the nil UUID means none yet. */
function sessionIds(value: string): string[] {
  const [local, ...parameters] = value.split(';').map((part) => part.trim());
  const remote = parameters.map((part) => /^remote\s*=\s*(\S+)$/i.exec(part)?.[1] ?? '');
  return [local, ...remote].filter((uuid) => UUID.test(uuid) && !NO_UUID.test(uuid)).map((uuid) => SESSION_ID + uuid.toLowerCase());
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a message that names the value contains as it is: values may be escaped, folded or, of Session-ID, in capitals. */
export function fragmentOf(value: string): string {
  const [digits, text] = value.startsWith(SESSION_ID) ? [/\d+/g, value.slice(SESSION_ID.length)] : [/[0-9A-Za-z]+/g, value];
  return (text.match(digits) ?? []).reduce((longest, one) => (one.length > longest.length ? one : longest), '');
}
