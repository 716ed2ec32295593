/** Filters: flags to one test of messages, and to a query for databases. */
export { Filter, readFilter, timeRange, type FilterContext, type TimeRange } from './filter.js';
export { NO_FILTER, type FilterOptions } from './options.js';
export { isInRanges, statusCondition, statusRanges, type StatusRange } from './status.js';
export { PhoneNumber } from './phone-number.js';
