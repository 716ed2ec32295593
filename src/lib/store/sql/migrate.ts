/** Brings our own books in a database to the version of this program, step by step; nothing is done twice. */
import { UsageError } from '../../base/index.js';
import { migrations } from './definitions.js';
import type { Session } from './session.js';

/** Two programs may start at once: the second finds the first one's work when it looks again. */
const TRIES = 3;

export async function migrate(session: Session): Promise<void> {
  const steps = await migrations(session.dialect.kind);
  for (let tries = 1; ; tries++) {
    try {
      const stored = await schemaVersion(session);
      const newest = steps[steps.length - 1].version;
      if (stored > newest)
        throw new UsageError(`the database has schema version ${stored}, this program knows up to ${newest}: it needs a newer sipcap`);
      for (const { version, sql } of steps) if (version > stored) await apply(session, version, sql);
      return;
    } catch (error) {
      if (tries === TRIES || error instanceof UsageError) throw error;
    }
  }
}

/** 0 where the books were never made. */
export async function schemaVersion(session: Session): Promise<number> {
  if ((await session.columns('sipcap_schema')).length === 0) return 0;
  const [row] = await session.all('SELECT max(version) AS version FROM sipcap_schema', []);
  return Number(row?.version ?? 0);
}

async function apply(session: Session, version: number, sql: string): Promise<void> {
  await session.execute(session.dialect.begin);
  try {
    await session.execute(sql);
    await session.run('INSERT INTO sipcap_schema (version, applied) VALUES (?, CURRENT_TIMESTAMP)', [version]);
    await session.execute('COMMIT');
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}
