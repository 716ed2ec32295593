/** Whether the servers of a URL know themselves as what the URL makes of them: replicas of a shard, and different shards. */
import { UsageError } from '../../base/index.js';
import { shardName, type DatabaseUrl } from '../database-url.js';

/** Throws where data would be missing or mixed up. The macros are by place. */
export function checkCluster({ shards, shown }: DatabaseUrl, macros: ReadonlyMap<string, Readonly<Record<string, string>>>): void {
  const refuse = (why: string): never => {
    throw new UsageError(
      `database URL '${shown}' contradicts the servers: ${why}. ',' separates servers with the same data, ';' separates shards`,
    );
  };
  const shardOf = new Map<string, string>();
  for (const hosts of shards) {
    const names = hosts.map((host) => shardName([host]));
    const replicas = new Set<string>();
    for (const name of names) {
      const { shard, replica } = macros.get(name) ?? {};
      if (names.length > 1 && (shard === undefined || replica === undefined))
        refuse(`${names.join(' and ')} would hold the same data, but ${name} has no macros 'shard' and 'replica'`);
      const first = macros.get(names[0])?.shard;
      if (shard !== first) refuse(`${names[0]} is shard '${first}', ${name} is shard '${shard}'`);
      if (replica !== undefined && replicas.has(replica)) refuse(`two servers of shard '${shard}' are replica '${replica}'`);
      if (replica !== undefined) replicas.add(replica);
    }
    const shard = macros.get(names[0])?.shard;
    if (shard === undefined) continue;
    const other = shardOf.get(shard);
    if (other !== undefined) refuse(`${other} and ${names[0]} are both shard '${shard}'`);
    shardOf.set(shard, names[0]);
  }
}
