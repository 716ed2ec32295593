/**
 * The filter from flags: `--where` and the short flags as one test of an unmodified message, before any script, and
 * the part that a database can evaluate. Non-SIP packets pass only if the condition names $proto_type, or reports are kept.
 */
import { PAYLOAD_SIP, UsageError, isCut, type Clock, type Log, type Message, type SipFields } from '../../base/index.js';
import { Zone, parseTime, spanOf } from '../../base/time/index.js';
import type { MessageFilter, Objection, SipReader } from '../../pipeline/message-filter.js';
import type { FilterProgram } from '../../route/filter/index.js';
import { allOf, type MessageQuery } from '../../store/read/index.js';
import { ScriptHost } from '../script-host.js';
import { flagTerms } from './flag-terms.js';
import type { FilterOptions } from './options.js';
import type { Subject, Term } from './term.js';
import { compileWhere, pushDownOf } from './where-term.js';

export interface FilterContext {
  clock: Clock;
  log: Log;
  /** Gets warnings about the condition. */
  stderr: { write(text: string): unknown };
}

/** Null if no filter flag is set. Throws a UsageError for invalid flags. */
export function readFilter(options: FilterOptions, context: FilterContext): Filter | null {
  const range = timeRange(options, context.clock);
  const host = new FilterHost(context);
  const terms = flagTerms(options);
  let seesReports = false;
  if (options.where.trim() !== '') {
    const program = compileWhere(options.where, (text) => void context.stderr.write(text));
    seesReports = program.variables.has('proto_type');
    terms.push(whereTerm(options.where, program, host));
  }
  const selects = terms.length > 0 || range.since !== null || range.until !== null;
  if (!selects && !options.wholeOnly) return null;
  return new Filter(terms, range, host, seesReports, options.keepReports || !selects, options.wholeOnly);
}

export class Filter implements MessageFilter {
  readonly key: string;
  /** The part that a database can evaluate: it finds at least what passes. */
  readonly query: MessageQuery;
  private readonly from: number;
  private readonly to: number;

  constructor(
    readonly terms: readonly Term[],
    { since, until }: TimeRange,
    private readonly host: FilterHost,
    private readonly seesReports: boolean,
    private readonly keepsReports: boolean,
    private readonly wholeOnly: boolean,
  ) {
    this.from = since ?? -Infinity;
    this.to = until ?? Infinity;
    this.query = { since, until, condition: allOf(terms.map(({ condition }) => condition)) };
    this.key = JSON.stringify([terms.map(({ text }) => text), since, until, keepsReports, ...(wholeOnly ? ['whole'] : [])]);
  }

  passes(message: Message, reader: SipReader): boolean {
    return this.objection(message, reader) === '';
  }

  objection(message: Message, reader: SipReader): Objection {
    if (message.capturedAt < this.from || message.capturedAt >= this.to) return 'where';
    if (message.payloadType !== PAYLOAD_SIP && !this.seesReports) return this.keepsReports ? '' : 'where';
    if (message.payloadType !== PAYLOAD_SIP && this.keepsReports) return '';
    this.host.look(message, reader);
    for (const term of this.terms) if (!term.passes(this.host)) return 'where';
    return this.wholeOnly && this.isCut(message) ? 'cut' : '';
  }

  private isCut(message: Message): boolean {
    const sip = this.host.sip();
    return sip !== null && isCut(message, sip);
  }

  /** The part that a database cannot evaluate, as written. */
  get rest(): string[] {
    return this.terms.filter(({ isExact }) => !isExact).map(({ text }) => text);
  }
}

export interface TimeRange {
  /** Microseconds since 1970, null for no limit; `until` itself is excluded. */
  since: number | null;
  until: number | null;
}

export function timeRange(
  { since, until, last, zone: name }: Pick<FilterOptions, 'since' | 'until' | 'last' | 'zone'>,
  clock: Clock,
): TimeRange {
  const zone = new Zone(name);
  if (since === '' && until === '' && last === '') return { since: null, until: null };
  if (since !== '' && last !== '') throw new UsageError('--since and --last exclude each other: --last 1h is --since -1h');
  const now = clock.now();
  const span = last === '' ? 0 : spanOf(last.trim().toLowerCase());
  if (span === null) throw new UsageError(`invalid --last '${last}': expected a duration such as 30m, 1h or 2d`);
  const range = {
    since: last !== '' ? now - span : since === '' ? null : parseTime(since, '--since', now, zone),
    until: until === '' ? null : parseTime(until, '--until', now, zone),
  };
  if (range.since !== null && range.until !== null && range.since >= range.until)
    throw new UsageError('--until must be later than --since');
  return range;
}

function whereTerm(where: string, program: FilterProgram, host: FilterHost): Term {
  return { text: `--where '${where}'`, ...pushDownOf(program.expression), passes: () => program.passes(host.script) };
}

/** The message being tested, as scripts see messages. */
class FilterHost implements Subject {
  message!: Message;
  readonly script: ScriptHost;
  private reader!: SipReader;
  private readonly reported = new Set<string>();

  constructor({ clock, log }: FilterContext) {
    this.script = new ScriptHost({
      isCaptureOn: () => false,
      store: () => 'filters store nothing',
      relay: () => 'filters relay nothing',
      parse: (message) => this.reader.sip(message),
      failed: (place, reason) => {
        if (this.reported.has(place)) return;
        this.reported.add(place);
        log.warn(`${place}: ${reason} (reported once)`);
      },
      environment: process.env,
      clock,
      log,
    });
  }

  look(message: Message, reader: SipReader): void {
    this.message = message;
    this.reader = reader;
    this.script.begin(message);
  }

  sip(): SipFields | null {
    return this.script.sip();
  }
}
