/** The connections of a database output: several for live sources if the engine supports concurrent writes. */
import { engineOf, loadShards, parseDatabaseUrl, RefusingTables, shardName, type DatabaseHost, type Store } from '../../store/index.js';
import { chosenShape } from './chosen-shape.js';
import type { DatabaseOptions } from './database-options.js';

/** A server that does not respond for this long is retried over a new connection. */
const LIVE_ANSWER_MS = 20_000;

/** The connections of one shard. */
export interface ShardStores {
  /** '' where there is one shard only. */
  name: string;
  stores: readonly Store[];
}

export interface DatabaseStores {
  shards: readonly ShardStores[];
  /** Findings about a table are shared by all of them. */
  refusing: RefusingTables;
}

export async function loadStores({ sinks, env, live, drains = false }: DatabaseOptions): Promise<DatabaseStores> {
  const url = parseDatabaseUrl(sinks.db!);
  const { writers } = engineOf(url.kind);
  const refusing = new RefusingTables(env.clock, env.log);
  const byWriter: (readonly Store[])[] = [];
  for (let writer = 0; writer < (live ? writers : 1); writer++) {
    // Messages about a table are logged once.
    const log = writer === 0 ? env.log : { ...env.log, info() {}, warn() {} };
    byWriter.push(
      await loadShards(sinks.db!, {
        log,
        clock: env.clock,
        shape: chosenShape(sinks, url) || 'sipcapture',
        renames: sinks.renames,
        partition: sinks.partition,
        live,
        passesTables: live || drains,
        refusing,
        ...(live ? { answerMs: LIVE_ANSWER_MS } : {}),
      }),
    );
  }
  const isSharded = url.shards.length > 1;
  if (isSharded) env.log.info(`storing in ${url.shards.length} shards: ${url.shards.map(shardText).join('; ')}`);
  const shards = byWriter[0].map((_, at) => ({
    name: isSharded ? shardName(url.shards[at]) : '',
    stores: byWriter.map((stores) => stores[at]),
  }));
  return { shards, refusing };
}

/** How the URL was understood. */
function shardText(hosts: readonly DatabaseHost[]): string {
  return hosts.map((host) => shardName([host])).join(' with its replica ');
}
