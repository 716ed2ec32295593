/**
 * The query for possible legs in a database. X-CID has a column with an index; legs named by other headers and correlation ids
 * are searched among everything near the call, unless that is too much to read.
 */
import { grouped } from '../../../base/index.js';
import { LEG_MARGIN, type LegFinder } from '../../../calls/index.js';
import { allOf, anyOf, type Condition, type MessageQuery, type MessageReader, type QueryField } from '../../../store/read/index.js';

/** Before and after the call, microseconds, if the usual range is too much to read. */
const NARROW_MARGIN = 5e6;
/** Maximum of rows read from that range; and if headers or the operator indicate such legs. */
const MAX_ROWS = 50_000;
const MAX_NAMED_ROWS = 500_000;

const is = (field: QueryField, values: string[]): Condition => ({ kind: 'is', field, values });

/** `isAsked`: the operator named a header. Sets `partial` if not everything is examined. */
export async function legQuery(finder: LegFinder, reader: MessageReader | null, isAsked: boolean): Promise<MessageQuery> {
  const values = [...new Set([...finder.legs.keys(), ...finder.values()])];
  const keys = finder.joins ? anyOf([is('callId', values), is('callIdAleg', values)]) : is('callId', values);
  if (!finder.joins || reader === null || finder.messages.length === 0) return { since: null, until: null, condition: keys };
  const isNamed = isAsked || finder.hasDeepValues;
  const fragments = finder.fragments();
  const named = allOf([is('method', ['INVITE', 'REFER', '200']), fragments === null ? null : { kind: 'contains', texts: fragments }]);
  const anything = anyOf([keys, is('correlationId', values), named]);
  const maxRows = isNamed ? MAX_NAMED_ROWS : MAX_ROWS;
  for (const margin of [LEG_MARGIN, NARROW_MARGIN]) {
    const query = nearQuery(finder, anything, margin);
    if ((await reader.countUpTo(query, maxRows)) < maxRows) return query;
  }
  finder.partial ||= `legs were looked for by X-CID alone, as there are more than ${grouped(maxRows)} messages at that time`;
  return nearQuery(finder, keys);
}

export function nearQuery(finder: LegFinder, condition: Condition | null, margin = LEG_MARGIN): MessageQuery {
  const [since, until] = finder.range();
  return { since: since - margin, until: until + margin, condition };
}
