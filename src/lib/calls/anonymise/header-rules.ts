/** The rule for each header of an anonymised message, by its long name. */

export type HeaderRule =
  | 'plain'
  | 'address'
  | 'via'
  | 'call-id'
  | 'dialog'
  | 'digest'
  | 'session-id'
  | 'drop'
  | 'text'
  | 'parameters'
  | 'typed'
  | 'warning'
  | 'token';

/** Kept unchanged: they say how, not who. */
const PLAIN = [
  'cseq',
  'max-forwards',
  'content-encoding',
  'content-language',
  'mime-version',
  'allow',
  'allow-events',
  'supported',
  'require',
  'proxy-require',
  'unsupported',
  'accept',
  'accept-encoding',
  'accept-language',
  'expires',
  'min-expires',
  'session-expires',
  'min-se',
  'rseq',
  'rack',
  'date',
  'timestamp',
  'privacy',
  'priority',
  'refer-sub',
  'recv-info',
  'request-disposition',
  'answer-mode',
] as const;
/** The first word is kept; parameters and comments may say who (RFC 4235 section 3.2, RFC 3261 section 20.33). */
const TYPED = ['content-type', 'content-disposition', 'event', 'subscription-state', 'retry-after'] as const;
/** Opaque, often made of an address and a time (RFC 3903 section 11.3). */
const TOKEN = ['sip-etag', 'sip-if-match'] as const;
const ADDRESS = [
  'from',
  'to',
  'contact',
  'route',
  'record-route',
  'path',
  'service-route',
  'p-asserted-identity',
  'p-preferred-identity',
  'diversion',
  'history-info',
  'refer-to',
  'referred-by',
  'remote-party-id',
  'reply-to',
  'p-associated-uri',
  'p-called-party-id',
  'p-served-user',
  'p-profile-key',
  'alert-info',
  'call-info',
  'error-info',
  'p-user-database',
  'permission-missing',
] as const;
const CALL_ID = ['call-id', 'x-cid', 'x-call-id', 'x-callid'] as const;
const DIALOG = ['replaces', 'target-dialog', 'join'] as const;
const DIGEST = [
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'authentication-info',
  'proxy-authentication-info',
] as const;
/** Signed or encoded identities, and content exchanged between users. */
const DROP = [
  'identity',
  'identity-info',
  'user-to-user',
  'p-asserted-service-info',
  'x-identity',
  'p-access-network-info',
  'geolocation',
  'cookie',
  'subject',
  'organization',
  'feature-caps',
] as const;

const RULES = new Map<string, HeaderRule>([
  ...PLAIN.map((name): [string, HeaderRule] => [name, 'plain']),
  ...TYPED.map((name): [string, HeaderRule] => [name, 'typed']),
  ...TOKEN.map((name): [string, HeaderRule] => [name, 'token']),
  ...ADDRESS.map((name): [string, HeaderRule] => [name, 'address']),
  ...CALL_ID.map((name): [string, HeaderRule] => [name, 'call-id']),
  ...DIALOG.map((name): [string, HeaderRule] => [name, 'dialog']),
  ...DIGEST.map((name): [string, HeaderRule] => [name, 'digest']),
  ...DROP.map((name): [string, HeaderRule] => [name, 'drop']),
  ['via', 'via'],
  ['session-id', 'session-id'],
  ['in-reply-to', 'call-id'],
  ['user-agent', 'text'],
  ['server', 'text'],
  ['reason', 'text'],
  ['warning', 'warning'],
  ['p-charging-vector', 'parameters'],
]);

/** Undefined if the header is unknown. */
export function headerRule(longName: string): HeaderRule | undefined {
  return RULES.get(longName);
}
