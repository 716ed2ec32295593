/** HEP packets to other nodes, with store-and-forward. */
export { RelaySink, isSpoolName, spoolName, targetGroups } from './relay-sink.js';
export { RELAY_DEFAULTS, type RelayOptions, type RelayPolicy } from './relay-options.js';
export type { TargetTls } from './link.js';
export type { DrainResult } from './await-delivery.js';
export type { TargetCounts } from './target-counts.js';
