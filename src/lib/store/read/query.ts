/**
 * Which messages are selected, as far as columns can express it, independent of the database. A query finds at least those: columns
 * may be truncated, missing or compared case-insensitively, so the caller checks each message again.
 */

/** The members of a message or its SIP fields that have a column. */
export type QueryField =
  | 'callId'
  | 'callIdAleg'
  | 'correlationId'
  | 'method'
  | 'cseq'
  | 'ruriUser'
  | 'ruriDomain'
  | 'fromUser'
  | 'fromDomain'
  | 'fromTag'
  | 'toUser'
  | 'toDomain'
  | 'toTag'
  | 'pidUser'
  | 'contactUser'
  | 'authUser'
  | 'userAgent'
  | 'sourceAddress'
  | 'sourcePort'
  | 'destinationAddress'
  | 'destinationPort';

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  /** One of the values; `caseless` compares letters without regard to case. */
  | { readonly kind: 'is'; readonly field: QueryField; readonly values: readonly (string | number)[]; readonly caseless?: boolean }
  /** Text from one to the other, both included. */
  | { readonly kind: 'between'; readonly field: QueryField; readonly from: string; readonly to: string }
  /** A pattern of SQL's LIKE; in case-sensitive databases only `caseless` ignores case. */
  | { readonly kind: 'like'; readonly field: QueryField; readonly pattern: string; readonly caseless?: boolean }
  /** The message's text has one of these in it (ASCII), as they are; some databases ignore case. */
  | { readonly kind: 'contains'; readonly texts: readonly string[] };

export interface MessageQuery {
  /** Microseconds since 1970, null for no limit; `until` itself is excluded. */
  since: number | null;
  until: number | null;
  /** Null for every message. */
  condition: Condition | null;
}

/** Columns by field. */
export const FIELD_COLUMNS: Readonly<Record<QueryField, string>> = {
  callId: 'callid',
  callIdAleg: 'callid_aleg',
  correlationId: 'correlation_id',
  method: 'method',
  cseq: 'cseq',
  ruriUser: 'ruri_user',
  ruriDomain: 'ruri_domain',
  fromUser: 'from_user',
  fromDomain: 'from_domain',
  fromTag: 'from_tag',
  toUser: 'to_user',
  toDomain: 'to_domain',
  toTag: 'to_tag',
  pidUser: 'pid_user',
  contactUser: 'contact_user',
  authUser: 'auth_user',
  userAgent: 'user_agent',
  sourceAddress: 'source_ip',
  sourcePort: 'source_port',
  destinationAddress: 'destination_ip',
  destinationPort: 'destination_port',
};

/** All of them; null is no condition. */
export function allOf(conditions: readonly (Condition | null)[]): Condition | null {
  const of = conditions.filter((one): one is Condition => one !== null);
  return of.length === 0 ? null : of.length === 1 ? of[0] : { kind: 'all', of };
}

/** Any of them; null if one of them cannot be expressed, as it might be the match. */
export function anyOf(conditions: readonly (Condition | null)[]): Condition | null {
  if (conditions.length === 0 || conditions.includes(null)) return null;
  return conditions.length === 1 ? conditions[0] : { kind: 'any', of: conditions as Condition[] };
}
