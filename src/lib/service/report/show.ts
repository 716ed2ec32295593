/** `report show`: the quality of a call over time, for each direction, with its SIP messages: `call show` of the one Call-ID. */
import type { Environment } from '../../base/index.js';
import { NO_FILTER } from '../../script/filter/options.js';
import { callShow } from '../call/show.js';
import type { SourceChoice } from '../source-choice.js';

export interface ReportShowOptions {
  source: SourceChoice;
  /** HEP without this key is refused; '' accepts all. */
  authKey: string;
  /** Tables of reports and of SIP; '' for whatever there is. */
  table: string;
  sipTable: string;
  callId: string;
  format: 'text' | 'json';
  /** Time zone of the text output; '' for the local one. */
  zone: string;
  /** Columns of the text output; 0 for the width of the terminal. */
  width: number;
}

export function reportShow(
  { source, authKey, table, sipTable, callId, format, zone, width }: ReportShowOptions,
  env: Environment,
): Promise<number> {
  return callShow(
    {
      source,
      authKey,
      table: sipTable,
      tableIsOptional: true,
      reportTable: table,
      callIds: [callId],
      filter: { ...NO_FILTER, zone },
      criteria: { states: [], flags: [], kinds: [], failed: false, minDurationMs: null, maxDurationMs: null, minRingingMs: null },
      latest: false,
      limit: 1,
      single: true,
      legHeaders: [],
      guessLegs: false,
      follow: false,
      media: false,
      rtpGuess: false,
      format,
      names: '',
      by: 'auto',
      ascii: false,
      width,
      verbose: false,
      unfold: false,
      quiet: true,
      summary: 'none',
    },
    env,
  );
}
