/** The connections of a database output: several for live sources if the engine supports concurrent writes. */
import { engineOf, loadStore, parseDatabaseUrl, RefusingTables, type Store } from '../../store/index.js';
import { chosenShape } from './chosen-shape.js';
import type { DatabaseOptions } from './database-options.js';

/** A server that does not respond for this long is retried over a new connection. */
const LIVE_ANSWER_MS = 20_000;

export interface DatabaseStores {
  stores: readonly Store[];
  /** Findings about a table are shared by all of them. */
  refusing: RefusingTables;
}

export async function loadStores({ sinks, env, live }: DatabaseOptions): Promise<DatabaseStores> {
  const url = parseDatabaseUrl(sinks.db!);
  const { writers } = engineOf(url.kind);
  const refusing = new RefusingTables(env.clock, env.log);
  const stores: Store[] = [];
  for (let writer = 0; writer < (live ? writers : 1); writer++) {
    // Messages about a table are logged once.
    const log = writer === 0 ? env.log : { ...env.log, info() {}, warn() {} };
    stores.push(
      await loadStore(sinks.db!, {
        log,
        clock: env.clock,
        shape: chosenShape(sinks, url) || 'sipcapture',
        renames: sinks.renames,
        partition: sinks.partition,
        live,
        refusing,
        ...(live ? { answerMs: LIVE_ANSWER_MS } : {}),
      }),
    );
  }
  return { stores, refusing };
}
