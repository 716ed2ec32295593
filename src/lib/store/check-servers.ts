/** Checks of all servers of a URL before tables are created on them. */
import { checkCluster } from './clickhouse/check-cluster.js';
import { shardName } from './database-url.js';
import type { SqlStore } from './sql/sql-store.js';
import { parseDatabaseUrl } from './url.js';

/** Throws where the servers are not what the URL makes of them. */
export async function checkServers(text: string, servers: readonly SqlStore[]): Promise<void> {
  const macros = new Map<string, Readonly<Record<string, string>>>();
  for (const server of servers) {
    const { macros: own } = await server.connected();
    if (own !== undefined) macros.set(shardName(server.url.hosts), own);
  }
  if (macros.size > 0) checkCluster(parseDatabaseUrl(text), macros);
}
