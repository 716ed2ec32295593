/** Selects calls: by any of their messages (filters and times), and by their outcome. */
import type { Environment, Message } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { BEGAN_EARLIER, callTest, summaryOf, type Call, type CallCriteria, type CallSummary } from '../../calls/index.js';
import type { Filter } from '../../script/filter/index.js';
import { NO_FILTER, type FilterOptions } from '../../script/filter/options.js';
import { isInRanges, statusCondition, statusRanges } from '../../script/filter/status.js';
import type { CallNeed } from '../../pipeline/input/database-source.js';
import type { DatabaseChoice, SourceChoice } from '../source-choice.js';

export interface WantedCallsOptions {
  source: SourceChoice;
  /** Tables of a database; '' for all that exist. */
  table: string;
  /** Without a table of messages there may be only reports. */
  tableIsOptional?: boolean;
  /** Tables of reports; as above. */
  reportTable?: string;
  filter: FilterOptions;
  criteria: Omit<CallCriteria, 'status'>;
}

/** The language of conditions is loaded only if a flag filters messages. */
export async function wantedCalls(options: WantedCallsOptions, env: Environment): Promise<WantedCalls> {
  // Checks the name.
  new Zone(options.filter.zone);
  const filter = { ...options.filter, status: [] };
  if (JSON.stringify({ ...filter, zone: '' }) === JSON.stringify(NO_FILTER)) return new WantedCalls(options, null);
  const { readFilter } = await import('../../script/filter/index.js');
  return new WantedCalls(options, readFilter(filter, env));
}

export class WantedCalls {
  /** Null if every call is selected. */
  readonly test: ((call: CallSummary) => boolean) | null;
  /** The query for a database. */
  readonly needs: readonly CallNeed[];

  constructor(
    private readonly options: WantedCallsOptions,
    /** Null if no flag filters messages. */
    readonly filter: Filter | null,
  ) {
    const { criteria } = options;
    const ranges = statusRanges(options.filter.status, '--status');
    this.test = callTest({ ...criteria, status: ranges.length === 0 ? null : (status) => isInRanges(status, ranges) });
    const range = { since: this.filter?.query.since ?? null, until: this.filter?.query.until ?? null };
    const everything = { query: { ...range, condition: null }, filter: null };
    this.needs = [
      this.filter === null ? everything : { query: this.filter.query, filter: this.filter.rest.length > 0 ? this.filter : null },
      ...(ranges.length > 0 ? [{ query: { ...range, condition: statusCondition(ranges) }, filter: null }] : []),
      ...(criteria.failed ? [{ query: { ...range, condition: statusCondition([{ from: 400, to: 699 }]) }, filter: null }] : []),
    ];
  }

  get isEmpty(): boolean {
    return this.filter === null && this.test === null;
  }

  /** The tables of a database that are read. */
  get tables(): Omit<DatabaseChoice, 'wanted'> {
    const { table, tableIsOptional, reportTable = '' } = this.options;
    return { table, tableIsOptional, reportTable };
  }

  /** The calls of a database that may match. */
  get database(): DatabaseChoice {
    return { ...this.tables, wanted: { calls: this.needs } };
  }

  /** All messages of these calls. */
  callsByIds(callIds: readonly string[]): DatabaseChoice {
    const query = { since: null, until: null, condition: { kind: 'is', field: 'callId', values: callIds } } as const;
    return { ...this.tables, wanted: { calls: [{ query, filter: null }] } };
  }

  /** Marks the call as having a matching message. */
  see(call: Call, message: Message): void {
    if (!call.selected && (this.filter === null || this.filter.passes(message, READ))) call.selected = true;
  }

  /** Marks a call that had begun before the time range. */
  summaryOf(call: Call, isOpen = false): CallSummary {
    const since = this.filter?.query.since ?? null;
    if (since !== null && call.startedAt < since) call.flags |= BEGAN_EARLIER;
    return summaryOf(call, isOpen);
  }
}

/** Messages have been parsed before. */
const READ = { sip: () => '' };
