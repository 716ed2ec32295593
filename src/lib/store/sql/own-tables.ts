/**
 * Our own tables in a database (positions, tables we created, schema version). Storing creates them if missing
 * and works with every version up to this program's; only `db init` migrates what exists.
 */
import { UsageError, type Log } from '../../base/index.js';
import { migrations } from './definitions.js';
import type { Queries } from './queries.js';
import type { Session } from './session.js';
import type { Partitioning, TableShape } from './shape-of.js';

/** 2: every column of our tables but the id and the partition key may be NULL. */
export const SCHEMA_VERSION = 2;

/** Two processes may start at once: the second finds the tables of the first when it checks again. */
const TRIES = 3;

export interface OwnTable {
  name: string;
  shape: TableShape;
  partition: Partitioning;
}

export async function prepareOwnTables(session: Session, log: Log): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const stored = await schemaVersion(session);
      refuseNewer(stored);
      if (stored === 0 || (await isIncomplete(session))) await create(session, stored);
      else if (stored < SCHEMA_VERSION)
        log.warn(
          `database has schema version ${stored}: its tables refuse rows with NULL, as other programs write them; run 'sipcap db init' to migrate to version ${SCHEMA_VERSION}`,
        );
      return;
    } catch (error) {
      if (tries === TRIES || error instanceof UsageError) throw error;
    }
  }
}

/** 0 if we have no tables. */
export async function schemaVersion(queries: Queries): Promise<number> {
  if ((await queries.columns('sipcap_schema')).length === 0) return 0;
  const [row] = await queries.all('SELECT max(version) AS version FROM sipcap_schema', []);
  return Number(row?.version ?? 0);
}

export function refuseNewer(stored: number): void {
  if (stored > SCHEMA_VERSION)
    throw new UsageError(`database has schema version ${stored}, this program supports up to ${SCHEMA_VERSION}: use a newer sipcap`);
}

/** The tables that we created; none in a database that we never wrote to. */
export async function ownTables(queries: Queries): Promise<OwnTable[]> {
  if ((await queries.columns('sipcap_table')).length === 0) return [];
  const rows = await queries.all('SELECT DISTINCT name, shape, partition_by FROM sipcap_table ORDER BY name', []);
  return rows.map((row) => ({ name: String(row.name), shape: row.shape as TableShape, partition: row.partition_by as Partitioning }));
}

export async function noteVersion(session: Session, version: number): Promise<void> {
  const replacing = session.dialect.replacing('version', ['applied']);
  await session.run(`INSERT INTO sipcap_schema (version, applied) VALUES (?, CURRENT_TIMESTAMP) ${replacing}`, [version]);
}

/** Somebody dropped one of them. */
async function isIncomplete(session: Session): Promise<boolean> {
  for (const table of ['sipcap_position', 'sipcap_table']) if ((await session.columns(table)).length === 0) return true;
  return false;
}

async function create(session: Session, stored: number): Promise<void> {
  await session.execute(session.dialect.begin);
  try {
    for (const { sql } of await migrations(session.dialect.folder)) await session.execute(sql);
    if (stored === 0) await noteVersion(session, SCHEMA_VERSION);
    await session.execute('COMMIT');
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}
