/** Which calls are wanted: by any of their messages (filters and times), and by what became of them. */
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
  /** Tables of a database; '' for whatever there is. */
  table: string;
  /** Without a table of messages there may be reports alone. */
  tableIsOptional?: boolean;
  /** Tables of reports; as above. */
  reportTable?: string;
  filter: FilterOptions;
  criteria: Omit<CallCriteria, 'status'>;
}

/** The language of conditions is loaded only where a flag asks for something of the messages. */
export async function wantedCalls(options: WantedCallsOptions, env: Environment): Promise<WantedCalls> {
  // Checks the name.
  new Zone(options.filter.zone);
  const filter = { ...options.filter, status: [] };
  if (JSON.stringify({ ...filter, zone: '' }) === JSON.stringify(NO_FILTER)) return new WantedCalls(options, null);
  const { readFilter } = await import('../../script/filter/index.js');
  return new WantedCalls(options, readFilter(filter, env));
}

export class WantedCalls {
  /** Null where every call is wanted. */
  readonly test: ((call: CallSummary) => boolean) | null;
  /** What a database is asked for. */
  readonly needs: readonly CallNeed[];

  constructor(
    private readonly options: WantedCallsOptions,
    /** Null where no flag asks for anything of the messages. */
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

  /** What of a database can be such a call. */
  get database(): DatabaseChoice {
    return { ...this.tables, wanted: { calls: this.needs } };
  }

  /** All messages of these calls. */
  callsByIds(callIds: readonly string[]): DatabaseChoice {
    const query = { since: null, until: null, condition: { kind: 'is', field: 'callId', values: callIds } } as const;
    return { ...this.tables, wanted: { calls: [{ query, filter: null }] } };
  }

  /** Notes that the call has a message that was asked for. */
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
