/** Calls: messages to dialog sets with state, times and legs; ladders, statistics, anonymisation; media quality. */
export { CallIndex } from './tracking/call-index.js';
export type { Call } from './tracking/call.js';
export { BEGAN_EARLIER, CALL_FLAGS, CALL_STATES, MOS_UNRELIABLE, ONE_WAY } from './tracking/states.js';
export { summaryOf, isFailed, type CallSummary } from './summary/call-summary.js';
export { CALL_MEMBERS, callCells, callJson, callLine } from './summary/call-members.js';
export { SORT_KEYS, SortedCalls } from './summary/order.js';
export { callTest, type CallCriteria } from './summary/selection.js';
export { LEG_MARGIN, LegFinder, type Leg } from './legs/leg-finder.js';
export { legKeys, type LegHeader } from './legs/leg-rules.js';
export { guessedLink } from './legs/guess-legs.js';
export * from './ladder/index.js';
export { Anonymiser, type AnonymiseOptions } from './anonymise/anonymiser.js';
export { CallStatistics, type Grouping, type StatisticsRow } from './statistics/statistics.js';
export type { CallFigures } from './statistics/call-totals.js';
