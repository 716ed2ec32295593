/**
 * SIP messages from a database, whoever filled it, in time order and bounded memory. Read-only: SELECT
 * permission is enough, and nothing is created.
 */
import type { Log, Clock, Message } from '../../base/index.js';
import { loadStore } from '../open.js';
import type { Session } from '../sql/session.js';
import type { SqlStore } from '../sql/sql-store.js';
import { joined } from './condition-sql.js';
import { merged, type TimedStream } from './merge.js';
import { messageTables, type MessageTable } from './message-tables.js';
import { allOf, type Condition, type MessageQuery } from './query.js';
import { explained, searchConditions, tableMessages } from './table-messages.js';

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

/** Call-IDs of one query. */
const GROUP = 500;
/** Groups that are read concurrently, so that their messages are in time order. */
const MAX_GROUPS = 20;
/** How long before and after the requested times messages of a call are searched. */
const MARGIN_MICROS = 86_400e6;
/** As above where everything in between has to be read. */
const SCAN_MARGIN_MICROS = 4 * 3600e6;

export class MessageReader {
  /** Rows without a message text. */
  emptyRows = 0;

  private constructor(
    private readonly store: SqlStore,
    readonly session: Session,
    private readonly tables: readonly MessageTable[],
    private readonly reportTables: readonly MessageTable[],
  ) {}

  /** Throws if the database, or a table of that name, does not exist. */
  static async open(
    url: string,
    { table, tableIsOptional = false, reportTable, renames, log, clock }: ReaderOptions,
  ): Promise<MessageReader> {
    const store = await loadStore(url, { log, clock, access: 'read' });
    await store.open();
    try {
      const session = await store.connected();
      const tables = await messageTables(session, { kind: 'messages', asked: table, renames, isOptional: tableIsOptional });
      const reports =
        reportTable === undefined
          ? []
          : await messageTables(session, { kind: 'reports', asked: reportTable, isOptional: reportTable === '' });
      return new MessageReader(store, session, tables, reports);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get tableNames(): string[] {
    return this.tables.map(({ name }) => name);
  }

  /** At least the selected messages, batch by batch. */
  messages(query: MessageQuery): AsyncGenerator<Message[]> {
    return merged(this.streamsOf(query, MARGIN_MICROS));
  }

  /**
   * All messages of these calls, those before `since` and after `until` too. Many calls at once are found by reading
   * everything of that time.
   */
  async *messagesOfCalls(callIds: readonly string[], { since, until }: Pick<MessageQuery, 'since' | 'until'>): AsyncGenerator<Message[]> {
    if (callIds.length === 0) return;
    if (callIds.length > GROUP * MAX_GROUPS) {
      yield* this.messages(widened({ since, until }, SCAN_MARGIN_MICROS));
      return;
    }
    const streams: TimedStream[] = [];
    for (let from = 0; from < callIds.length; from += GROUP) {
      const condition = { kind: 'is', field: 'callId', values: callIds.slice(from, from + GROUP) } as const;
      streams.push(...this.streamsOf({ ...widened({ since, until }, MARGIN_MICROS), condition }, 0));
    }
    yield* merged(streams);
  }

  /** The Call-IDs of at least the selected messages; null if there are more than `most`. */
  async callIds(query: MessageQuery, most: number): Promise<string[] | null> {
    const found = new Set<string>();
    for (const table of inTime(this.tables, query, 0)) {
      const column = table.column('callid');
      if (column === null) continue;
      const name = column.sql;
      const where = joined(searchConditions({ table, query }), ' AND ');
      // Not the bare column: DISTINCT would read its whole index instead of the rows of that time.
      const sql = `SELECT DISTINCT coalesce(${name}, '') AS c FROM ${table.text}${where === null ? '' : ` WHERE ${where.text}`} LIMIT ${most + 1}`;
      for (const { c } of await this.session.all(sql, where?.values ?? [])) if (c !== null && c !== '') found.add(String(c));
      if (found.size > most) return null;
    }
    return [...found];
  }

  /** The number of rows in the time range of a query, up to a maximum: the amount to read without an index. */
  async countUpTo(range: Pick<MessageQuery, 'since' | 'until'>, maximum: number): Promise<number> {
    let count = 0;
    for (const table of inTime(this.tables, range, 0)) {
      const query = { since: range.since, until: range.until, condition: null };
      const where = joined(searchConditions({ table, query }), ' AND ');
      const sql = `SELECT count(*) AS n FROM (SELECT 1 AS one FROM ${table.text}${where === null ? '' : ` WHERE ${where.text}`} LIMIT ${maximum - count}) AS counted`;
      const [row] = await this.session.all(sql, where?.values ?? []);
      count += Number(row.n);
      if (count >= maximum) break;
    }
    return count;
  }

  /** The SQL of a query, one line per table, with its values. */
  explain(query: MessageQuery): string[] {
    return inTime(this.tables, query, MARGIN_MICROS).map((table) => {
      const { text, values } = explained({ table, query });
      let at = 0;
      return text.replaceAll('?', () => literal(values[at++]));
    });
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  private streamsOf(query: MessageQuery, margin: number): TimedStream[] {
    const ofReports = reportQuery(query);
    return [
      ...this.streamsIn(this.tables, query, margin),
      ...(ofReports === null ? [] : this.streamsIn(this.reportTables, ofReports, margin)),
    ];
  }

  private streamsIn(tables: readonly MessageTable[], query: MessageQuery, margin: number): TimedStream[] {
    return inTime(tables, query, margin).map((table) => ({
      // Rows are stored to the second.
      startsAt: table.span === null ? -Infinity : Math.max((table.span.from - 1) * 1e6, query.since ?? -Infinity),
      open: () => tableMessages({ session: this.session, table, query, onEmpty: (rows) => (this.emptyRows += rows) }),
    }));
  }
}

/** Those that may hold rows of that time. */
function inTime(tables: readonly MessageTable[], { since, until }: Pick<MessageQuery, 'since' | 'until'>, margin: number): MessageTable[] {
  return tables.filter(({ span, isEmpty }) => {
    if (isEmpty) return false;
    if (span === null) return true;
    return (since === null || (span.to + 1) * 1e6 + margin >= since) && (until === null || (span.from - 1) * 1e6 - margin <= until);
  });
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
