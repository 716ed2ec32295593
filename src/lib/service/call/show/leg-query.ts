/** What of a database may be a leg: by the columns that name calls, near the legs that are known. */
import type { Message } from '../../../base/index.js';
import type { LegFinder } from '../../../calls/index.js';
import { anyOf, type Condition, type MessageQuery, type QueryField } from '../../../store/read/index.js';
import type { DatabaseChoice } from '../../source-choice.js';

/** Legs begin and end this close to each other. */
const MARGIN = 300e6;

/** `deep`: legs may be named by headers that have no column. */
export function legQuery(finder: LegFinder, table: string, deep: boolean): DatabaseChoice {
  const callIds = [...finder.legs.keys()];
  const values = [...new Set([...callIds, ...finder.values()])];
  const is = (field: QueryField, values: string[]): Condition => ({ kind: 'is', field, values });
  const conditions = [is('callId', values), is('callIdAleg', values), is('correlationId', values)];
  const isDeep = finder.rounds > 0 && finder.joins && (deep || finder.hasDeepValues);
  if (isDeep) conditions.push(is('method', ['INVITE', 'REFER', '200']));
  const condition = finder.joins ? anyOf(conditions) : conditions[0];
  const query =
    finder.messages.length === 0 ? { since: null, until: null, condition: is('callId', callIds) } : nearQuery(finder.messages, condition);
  return { table, wanted: { query }, reportTable: '' };
}

export function nearQuery(messages: readonly Message[], condition: Condition | null): MessageQuery {
  let [since, until] = [Infinity, 0];
  for (const { capturedAt } of messages) {
    since = Math.min(since, capturedAt);
    until = Math.max(until, capturedAt);
  }
  return { since: since - MARGIN, until: until + MARGIN, condition };
}
