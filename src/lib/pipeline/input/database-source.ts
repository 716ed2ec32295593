/** SIP messages from a database, in time order: the selected ones, or all messages of the calls with any of them. */
import { Ledger, UnreachableError, UsageError, patiently, type Environment, type Message } from '../../base/index.js';
import { MessagePreparer } from '../../extract/prepare-message.js';
import { reasonOf, shownUrl } from '../../store/index.js';
import { MessageReader, type MessageQuery } from '../../store/read/index.js';
import type { MessageFilter } from '../message-filter.js';
import type { RunSource, SourceIntake } from '../source.js';
import type { InputSummary } from '../summary.js';
import type { KeptReader } from './kept-reader.js';

/** The condition for reading a call: a message that the query finds and that passes. */
export interface CallNeed {
  query: MessageQuery;
  /** Null if the query is sufficient. */
  filter: MessageFilter | null;
}

export interface DatabaseSourceOptions {
  url: string;
  /** A name, optionally with a strftime suffix; '' for all existing tables of SIP messages. */
  table: string;
  /** Without such a table there are no messages. */
  tableIsOptional?: boolean;
  renames?: Readonly<Record<string, string>>;
  /**
   * At least the messages that the query finds; or all messages of the calls that have one for each need (others may
   * be included: the code that groups them checks again).
   */
  wanted: { query: MessageQuery } | { calls: readonly CallNeed[] };
  /** Also reads their reports: from this table, or '' for all existing tables; absent for none. */
  reportTable?: string;
  /** Stays open for later runs; closed by its creator. */
  kept?: KeptReader;
}

/** Up to this many calls are read by their Call-IDs; more are found by reading everything. */
const MAX_CALLS = 200_000;

export class DatabaseSource implements RunSource {
  readonly kind = 'inputs';
  readonly unit = 'rows';
  readonly isLive = false;
  private reader: MessageReader | null = null;
  /** Also after the end. */
  private lastReader: MessageReader | null = null;
  private isStopped = false;
  private isReading = false;
  private rows = 0;
  private bytes = 0;
  private emptyRowsBefore = 0;

  constructor(
    private readonly options: DatabaseSourceOptions,
    private readonly env: Environment,
  ) {}

  async open(): Promise<void> {
    const { url, table, tableIsOptional, reportTable, renames, kept } = this.options;
    const { log, clock } = this.env;
    const make = () => MessageReader.open(url, { table, tableIsOptional, reportTable, renames, log, clock });
    this.reader = await this.guarded(kept === undefined ? make() : kept.open(make));
    this.lastReader = this.reader;
    this.emptyRowsBefore = this.reader.emptyRows;
  }

  async read(intake: SourceIntake): Promise<void> {
    const { reader } = this;
    if (reader === null || this.isStopped) return;
    this.isReading = true;
    try {
      await this.readFrom(reader, intake);
    } finally {
      this.isReading = false;
    }
  }

  private async readFrom(reader: MessageReader, intake: SourceIntake): Promise<void> {
    const { wanted } = this.options;
    const messages = 'query' in wanted ? reader.messages(wanted.query) : await this.guarded(this.ofCalls(reader, wanted.calls));
    for (;;) {
      const { done, value } = await this.guarded(messages.next());
      if (done === true) break;
      for (const message of value) {
        if (this.isStopped) break;
        this.rows++;
        this.bytes += message.payload.length;
        if (!intake.message(message, message.payload.length)) await intake.ready();
      }
      if (this.isStopped) break;
    }
    await messages.return(undefined);
    const emptyRows = reader.emptyRows - this.emptyRowsBefore;
    if (emptyRows > 0) intake.refuse('no_message_text', emptyRows);
  }

  /** Shards that did not answer. */
  get missingShards(): readonly string[] {
    return this.lastReader?.missing ?? [];
  }

  get gaveUp(): boolean {
    return this.missingShards.length > 0;
  }

  /** Reading ends after the current page; then this is called again. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.isReading) return;
    const { reader } = this;
    this.reader = null;
    if (this.options.kept === undefined) await reader?.close();
  }

  async updateLosses(): Promise<void> {}

  inputs(): readonly InputSummary[] {
    const { rows: packets, bytes } = this;
    return [{ name: shownUrl(this.options.url), packets, bytes, problem: '' }];
  }

  async commit(): Promise<void> {}

  private async ofCalls(reader: MessageReader, needs: readonly CallNeed[]): Promise<AsyncGenerator<Message[]>> {
    const { since = null, until = null } = needs[0]?.query ?? {};
    const range = { since, until };
    const everything = since === null && until === null && needs.every(({ query, filter }) => query.condition === null && filter === null);
    if (everything) return reader.messages({ ...range, condition: null });
    let callIds: string[] | null = null;
    for (const need of needs) {
      const found = await this.callIdsOf(reader, need);
      if (found === null) continue;
      const known: ReadonlySet<string> | null = callIds === null ? null : new Set(callIds);
      callIds = known === null ? found : found.filter((callId) => known.has(callId));
    }
    return callIds === null ? reader.messages({ ...range, condition: null }) : reader.messagesOfCalls(callIds, range);
  }

  /** Null if there are too many. */
  private async callIdsOf(reader: MessageReader, { query, filter }: CallNeed): Promise<string[] | null> {
    const { condition } = query;
    if (filter === null && condition?.kind === 'is' && condition.field === 'callId') return condition.values.map(String);
    if (filter === null) return reader.callIds(query, MAX_CALLS);
    const found = new Set<string>();
    const preparer = new MessagePreparer(new Ledger());
    for await (const batch of reader.messages(query)) {
      for (const message of batch) if (filter.passes(message, preparer) && preparer.sip(message) === '') found.add(message.sip!.callId);
      if (found.size > MAX_CALLS) return null;
      if (this.isStopped) break;
    }
    return [...found];
  }

  /** Any failure here is an error of the database. */
  private async guarded<T>(work: Promise<T>): Promise<T> {
    try {
      return await patiently(work, shownUrl(this.options.url), this.env.log);
    } catch (error) {
      if (error instanceof UsageError || error instanceof UnreachableError) throw error;
      throw new UnreachableError(`cannot read database ${shownUrl(this.options.url)}: ${reasonOf(error)}`);
    }
  }
}
