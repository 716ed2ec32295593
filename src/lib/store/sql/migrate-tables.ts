/** `db init`: brings the tables that we created to the schema version of this program, one after the other. */
import type { Clock } from '../../base/index.js';
import { noteVersion, ownTables, refuseNewer, SCHEMA_VERSION, schemaVersion } from './own-tables.js';
import type { Session } from './session.js';
import { isOurFormat, timeColumn } from './shape-of.js';

export interface TableMigration {
  table: string;
  /** Columns that may be NULL from now on. */
  columns: number;
  seconds: number;
}

/** `onTable` is called before each table that needs work, and an interrupted migration resumes where it was. */
export async function migrateTables(session: Session, clock: Clock, onTable: (table: string) => void): Promise<TableMigration[]> {
  const stored = await schemaVersion(session);
  refuseNewer(stored);
  const done: TableMigration[] = [];
  for (const { name, shape } of await ownTables(session)) {
    if (!isOurFormat(shape)) continue;
    const time = timeColumn(shape);
    // The partition key must have a value; an engine without partitions has none.
    const keys = session.dialect.partitions === null ? ['id'] : ['id', time];
    const strict = (await session.columns(name)).filter((column) => !column.nullable && !keys.includes(column.name));
    if (strict.length === 0) continue;
    onTable(name);
    const began = clock.monotonic();
    const names = strict.map((column) => column.name);
    await session.dialect.makeNullable(session, name, names, time);
    done.push({ table: name, columns: names.length, seconds: (clock.monotonic() - began) / 1000 });
  }
  if (stored > 0 && stored < SCHEMA_VERSION) await noteVersion(session, SCHEMA_VERSION);
  return done;
}
