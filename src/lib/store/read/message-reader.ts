/**
 * SIP messages from a database, whoever filled it, in time order and bounded memory. Read-only: SELECT
 * permission is enough, and nothing is created.
 */
import { UnreachableError, UsageError, type Log, type Clock, type Message } from '../../base/index.js';
import { shardName, shownUrl } from '../database-url.js';
import { loadShards } from '../open.js';
import { reasonOf } from '../sql/faults.js';
import type { Session } from '../sql/session.js';
import type { SqlStore } from '../sql/sql-store.js';
import { callIdGroups } from './call-id-groups.js';
import { joined, selectivity } from './condition-sql.js';
import { eachOf } from './each-of.js';
import { merged, type TimedStream } from './merge.js';
import { inTime, messageTables, type MessageTable, type TableChoice } from './message-tables.js';
import { allOf, type Condition, type MessageQuery } from './query.js';
import { explained, searchConditions, tableMessages } from './table-messages.js';
import { withoutRepeats } from './without-repeats.js';

export interface ReaderOptions {
  /** A name, optionally with a strftime suffix (all of its tables); '' for all existing tables of SIP messages. */
  table: string;
  /** Without such a table there are no messages; else that is an error. */
  tableIsOptional?: boolean;
  /** Also reads reports: from this table, or '' for all existing tables; absent for none. */
  reportTable?: string;
  /** Names of our columns in the user's tables (`*_column`). */
  renames?: Readonly<Record<string, string>>;
  log: Log;
  clock: Clock;
}

/** More are not asked for in groups, which are read concurrently so that their messages are in time order. */
const MAX_CALL_IDS = 10_000;
/** How long before and after the requested times messages of a call are searched. */
const MARGIN_MICROS = 86_400e6;
/** As above where everything in between has to be read. */
const SCAN_MARGIN_MICROS = 4 * 3600e6;
/** Tables of one place that are searched for the same few calls at the same time. */
const MAX_AT_ONCE = 8;

/** A database, or one of its shards. */
interface Place {
  /** The shard's name. */
  name: string;
  store: SqlStore;
  session: Session;
  tables: readonly MessageTable[];
  reportTables: readonly MessageTable[];
}

export class MessageReader {
  /** Rows without a message text. */
  emptyRows = 0;
  /** Shards that did not answer: what is found is without their messages. */
  readonly missing: string[] = [];

  private constructor(
    private readonly places: readonly Place[],
    missing: readonly string[],
    private readonly log: Log,
  ) {
    this.missing.push(...missing);
  }

  /** Throws if the database, or a table of that name, does not exist, and if no shard can be reached. */
  static async open(url: string, options: ReaderOptions): Promise<MessageReader> {
    const { log, clock } = options;
    const stores = await loadShards(url, { log, clock, access: 'read' });
    const missing: string[] = [];
    const opened = await Promise.all(
      stores.map(async (store) => {
        const name = shardName(store.url.hosts);
        try {
          return await openPlace(name, store, options);
        } catch (error) {
          await store.close();
          if (stores.length === 1 || !(error instanceof UnreachableError)) return error as Error;
          missing.push(name);
          log.error(`partial result, shard ${name} is missing: ${error.message}`);
          return null;
        }
      }),
    );
    const places = opened.filter((place): place is Place => place !== null && !(place instanceof Error));
    const failure = opened.find((place) => place instanceof Error);
    if (failure === undefined && places.length > 0) return new MessageReader(places, missing, log);
    for (const { store } of places) await store.close();
    throw failure ?? new UnreachableError(`none of the shards of ${shownUrl(url)} can be reached`);
  }

  /** Of the database, or its first shard. */
  get session(): Session {
    return this.places[0].session;
  }

  get tableNames(): string[] {
    return [...new Set(this.places.flatMap(({ tables }) => tables.map(({ name }) => name)))];
  }

  /** At least the selected messages, batch by batch. */
  messages(query: MessageQuery): AsyncGenerator<Message[]> {
    return this.merged(this.streamsOf(query, MARGIN_MICROS));
  }

  /**
   * All messages of these calls, those before `since` and after `until` too. Many calls at once are found by reading
   * everything of that time.
   */
  async *messagesOfCalls(callIds: readonly string[], { since, until }: Pick<MessageQuery, 'since' | 'until'>): AsyncGenerator<Message[]> {
    if (callIds.length === 0) return;
    if (callIds.length > MAX_CALL_IDS) {
      yield* this.messages(widened({ since, until }, SCAN_MARGIN_MICROS));
      return;
    }
    const streams: TimedStream[] = [];
    for (const values of callIdGroups(callIds, this.session.dialect.inlinesValues === true)) {
      const condition = { kind: 'is', field: 'callId', values } as const;
      streams.push(...this.streamsOf({ ...widened({ since, until }, MARGIN_MICROS), condition }, 0));
    }
    yield* this.merged(streams);
  }

  /** The Call-IDs of at least the selected messages; null if there are more than `most`. */
  async callIds(query: MessageQuery, most: number): Promise<string[] | null> {
    const each = await this.asked((place) => callIdsAt(place, query, most));
    const found = new Set<string>();
    for (const callIds of each) {
      if (callIds === null) return null;
      for (const callId of callIds) found.add(callId);
    }
    return found.size > most ? null : [...found];
  }

  /** The number of rows in the time range of a query, up to a maximum: the amount to read without an index. */
  async countUpTo(range: Pick<MessageQuery, 'since' | 'until'>, maximum: number): Promise<number> {
    const counts = await this.asked((place) => countAt(place, range, maximum));
    return Math.min(
      counts.reduce((sum, count) => sum + count, 0),
      maximum,
    );
  }

  /** The SQL of a query, one line per table, with its values, and how the server would execute it where it tells. */
  async explain(query: MessageQuery): Promise<string[]> {
    const each = await this.asked(async ({ name, session, tables }) => {
      const lines: string[] = [];
      for (const table of inTime(tables, query, MARGIN_MICROS)) {
        const { text, values } = explained({ table, query });
        let at = 0;
        lines.push(text.replaceAll('?', () => literal(values[at++])));
        lines.push(...((await session.plan?.(text, values)) ?? []).map((line) => `  ${line}`));
      }
      return this.isSharded ? [`shard ${name}:`, ...lines] : lines;
    });
    return each.flat();
  }

  async close(): Promise<void> {
    for (const { store } of this.places) await store.close();
  }

  private get isSharded(): boolean {
    return this.places.length + this.missing.length > 1;
  }

  private merged(streams: readonly TimedStream[]): AsyncGenerator<Message[]> {
    return this.places.some(({ session }) => session.stream !== undefined) ? withoutRepeats(merged(streams)) : merged(streams);
  }

  /** Each place at the same time; one shard that fails is missing from then on. */
  private async asked<T>(ask: (place: Place) => Promise<T>): Promise<T[]> {
    const answers = await Promise.all(
      this.places.map(async (place) => {
        try {
          return [await ask(place)];
        } catch (error) {
          this.lose(place, error);
          return [];
        }
      }),
    );
    return answers.flat() as T[];
  }

  /** Throws where there is nothing else. */
  private lose({ name }: Place, error: unknown): void {
    if (!this.isSharded || error instanceof UsageError) throw error;
    if (this.missing.includes(name)) return;
    this.missing.push(name);
    this.log.error(`partial result, shard ${name} is missing: ${reasonOf(error)}`);
  }

  private streamsOf(query: MessageQuery, margin: number): TimedStream[] {
    const ofReports = reportQuery(query);
    return this.places
      .filter(({ name }) => !this.missing.includes(name))
      .flatMap((place) => [
        ...this.streamsIn(place, place.tables, query, margin),
        ...(ofReports === null ? [] : this.streamsIn(place, place.reportTables, ofReports, margin)),
      ]);
  }

  private streamsIn(place: Place, tables: readonly MessageTable[], query: MessageQuery, margin: number): TimedStream[] {
    const { session } = place;
    const due = inTime(tables, query, margin);
    const { isConcurrent = false } = session;
    const atOnce = isConcurrent && due.length <= MAX_AT_ONCE && selectivity(query.condition, due[0]?.kind ?? 'messages') === 'key';
    return due.map((table) => ({
      isConcurrent,
      // Rows are stored to the second.
      startsAt: table.span === null || atOnce ? -Infinity : Math.max((table.span.from - 1) * 1e6, query.since ?? -Infinity),
      open: () => this.guarded(place, tableMessages({ session, table, query, onEmpty: (rows) => (this.emptyRows += rows) })),
    }));
  }

  /** What a shard sent before it failed counts. */
  private async *guarded(place: Place, messages: AsyncGenerator<Message[]>): AsyncGenerator<Message[]> {
    try {
      yield* messages;
    } catch (error) {
      this.lose(place, error);
    }
  }
}

async function openPlace(
  name: string,
  store: SqlStore,
  { table, tableIsOptional = false, reportTable, renames }: ReaderOptions,
): Promise<Place> {
  await store.open();
  const session = await store.connected();
  try {
    const choices: TableChoice[] = [{ kind: 'messages', asked: table, renames, isOptional: tableIsOptional }];
    if (reportTable !== undefined) choices.push({ kind: 'reports', asked: reportTable, isOptional: reportTable === '' });
    const [tables, reportTables = []] = await eachOf(session, choices, (choice) => messageTables(session, choice));
    return { name, store, session, tables, reportTables };
  } catch (error) {
    if (error instanceof UsageError || session.faultOf(error) !== 'server') throw error;
    throw new UnreachableError(`database ${store.url.shown}: ${reasonOf(error)}`);
  }
}

/** Null if there are more than `most`. */
async function callIdsAt({ session, tables }: Place, query: MessageQuery, most: number): Promise<ReadonlySet<string> | null> {
  const found = new Set<string>();
  for (const table of inTime(tables, query, 0)) {
    const column = table.column('callid');
    if (column === null) continue;
    const where = joined(searchConditions({ table, query }), ' AND ');
    // Not the bare column: DISTINCT would read its whole index instead of the rows of that time.
    const sql = `SELECT DISTINCT coalesce(${column.sql}, '') AS c FROM ${table.text}${table.filterBy(where)} LIMIT ${most + 1}`;
    for (const { c } of await session.all(sql, where?.values ?? [])) if (c !== null && c !== '') found.add(String(c));
    if (found.size > most) return null;
  }
  return found;
}

async function countAt({ session, tables }: Place, range: Pick<MessageQuery, 'since' | 'until'>, maximum: number): Promise<number> {
  let count = 0;
  for (const table of inTime(tables, range, 0)) {
    const query = { since: range.since, until: range.until, condition: null };
    const where = joined(searchConditions({ table, query }), ' AND ');
    const sql = `SELECT count(*) AS n FROM (SELECT 1 AS one FROM ${table.text}${table.filterBy(where)} LIMIT ${maximum - count}) AS counted`;
    const [row] = await session.all(sql, where?.values ?? []);
    count += Number(row.n);
    if (count >= maximum) break;
  }
  return count;
}

/** The reports of the same calls, or of the same time; null if the query does not determine which. */
function reportQuery(query: MessageQuery): MessageQuery | null {
  const { condition } = query;
  if (condition === null) return query;
  const callIds = callIdsIn(condition);
  return callIds.length === 0 ? null : { ...query, condition: { kind: 'is', field: 'correlationId', values: callIds } };
}

/** The alternatives, at any depth. */
function callIdsIn(condition: Condition): (string | number)[] {
  if (condition.kind === 'any') return condition.of.flatMap(callIdsIn);
  return condition.kind === 'is' && condition.field === 'callId' ? [...condition.values] : [];
}

function widened({ since, until }: Pick<MessageQuery, 'since' | 'until'>, margin: number): MessageQuery {
  return { since: since === null ? null : since - margin, until: until === null ? null : until + margin, condition: allOf([]) };
}

function literal(value: unknown): string {
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
