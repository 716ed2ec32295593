/** The rule for each header of an anonymised message, by its long name. */

export type HeaderRule = 'plain' | 'address' | 'via' | 'call-id' | 'dialog' | 'digest' | 'session-id' | 'drop' | 'text' | 'parameters';

/** Kept unchanged: they say how, not who. */
const PLAIN = [
  'cseq',
  'max-forwards',
  'content-type',
  'content-encoding',
  'content-disposition',
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
  'event',
  'subscription-state',
  'date',
  'timestamp',
  'privacy',
  'priority',
  'retry-after',
  'refer-sub',
  'recv-info',
  'sip-etag',
  'sip-if-match',
  'request-disposition',
  'answer-mode',
] as const;
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
  ['warning', 'text'],
  ['p-charging-vector', 'parameters'],
]);

/** Undefined if the header is unknown. */
export function headerRule(longName: string): HeaderRule | undefined {
  return RULES.get(longName);
}
