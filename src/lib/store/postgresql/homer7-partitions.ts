/**
 * Partitions of Homer 7's tables, named and indexed as Homer's own: `<table>_YYYYMMDD_HHMM` by its first minute in UTC. A partition
 * is made as a table and then attached, which waits for no reader and holds up no writer.
 */
import { homer7Table, type Homer7Index } from '../../row/index.js';
import { definition } from '../sql/definitions.js';
import { bareName, tableText } from '../sql/names.js';
import type { StepPartition, StepWork } from '../sql/partition.js';
import type { Range } from '../sql/partition-steps.js';
import type { Queries } from '../sql/queries.js';
import { momentText, secondsOfMoment } from '../period.js';
import { POSTGRESQL_NAMES } from './names.js';

const LIST = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(?)`;
/** `FOR VALUES FROM ('2023-11-14 00:00:00+00') TO (MAXVALUE)`. */
const BOUND = /FROM \((.*?)\) TO \((.*?)\)/;

export const postgresqlSteps: StepWork = {
  defaultSeconds: (table) => homer7Table(bareName(POSTGRESQL_NAMES, table)).partitionSeconds,

  async list(queries: Queries, table: string): Promise<StepPartition[]> {
    const rows = await queries.all(LIST, [tableText(POSTGRESQL_NAMES, table)]);
    return rows
      .flatMap(({ name, bound }) => {
        const found = BOUND.exec(String(bound));
        if (found === null) return [{ name: String(name), from: -Infinity, until: Infinity }];
        return [{ name: String(name), from: secondOf(found[1], -Infinity), until: secondOf(found[2], Infinity) }];
      })
      .sort((a, b) => a.from - b.from);
  },

  async make(queries: Queries, table: string, range: Range, taken: ReadonlySet<string>): Promise<void> {
    const schema = table.slice(0, table.length - bareName(POSTGRESQL_NAMES, table).length);
    const own = bareName(POSTGRESQL_NAMES, table);
    let name = `${own}_${momentText(range.from).slice(0, 16).replace(/[-:]/g, '').replace(' ', '_')}`;
    // Only where somebody named a partition after another time than its own.
    while (taken.has(name)) name += '_';
    const partition = tableText(POSTGRESQL_NAMES, schema + name);
    const statements = await definition(POSTGRESQL_NAMES.folder, 'homer7-partition', {
      table: tableText(POSTGRESQL_NAMES, table),
      partition,
      indexes: homer7Table(own)
        .indexes.map((index) => indexText(index, name, partition))
        .join('\n'),
      from: `${momentText(range.from)}+00`,
      until: `${momentText(range.until)}+00`,
    });
    await queries.execute('BEGIN');
    try {
      await queries.execute(statements);
      await queries.execute('COMMIT');
    } catch (error) {
      await queries.execute('ROLLBACK').catch(() => {});
      throw error;
    }
  },
};

function indexText({ suffix, column, member }: Homer7Index, name: string, partition: string): string {
  // Unquoted in Homer's own statements: in lower case.
  const index = POSTGRESQL_NAMES.quote(`${name}_${suffix}`.toLowerCase());
  return `CREATE INDEX IF NOT EXISTS ${index} ON ${partition} (${member === '' ? column : `(${column}->>'${member}')`});`;
}

/** The default partition holds everything, MINVALUE and MAXVALUE are unlimited. */
function secondOf(bound: string, unlimited: number): number {
  const found = /'(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\+00'/.exec(bound);
  return found === null ? unlimited : secondsOfMoment(found[1]);
}
