/** The order of groups in help, by use; and the common flags, which are all that `-h` shows for long commands. */

/** Groups as flags name them (`helpGroup`), in the order in which help shows them; a flag without one is in the first. */
export const GROUPS: readonly string[] = [
  'FLAGS',
  'INPUT',
  'LISTENER',
  'FILTER',
  'CALLS',
  'LEGS',
  'MEDIA',
  'OUTPUT',
  'FILE OUTPUT',
  'DATABASE',
  'HEP',
  'SPOOL',
  'ANONYMISING',
  'SCRIPT',
  'TUNING',
  'GENERAL',
];

/** Commands with fewer flags are shown completely. */
export const SHORT_HELP_FLAGS = 14;

export const DAILY: ReadonlySet<string> = new Set([
  ...['read', 'interface', 'hep-listen', 'port', 'parse-hep', 'from', 'to'],
  ...['call-id', 'method', 'status', 'ip', 'last', 'since', 'where', 'failed', 'latest', 'state', 'max-mos'],
  ...['db', 'write', 'hep', 'spool', 'route', 'format', 'verbose', 'sort', 'limit', 'by', 'anonymise', 'follow'],
  ...['correlation-id', 'correlation', 'proto-type', 'lines', 'payload', 'set', 'del', 'drain', 'count', 'summary', 'quiet'],
]);
