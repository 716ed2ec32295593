/** Faults of the machine and of ClickHouse: descriptors, clock, interfaces, an older copy of a database, many reloads. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SHORT, reload, stopNode, type Fault } from './faults.js';
import type { World } from './world.js';

const RELOADS = 100;

const shardFaults: Fault[] = [0, 1].flatMap((at): Fault[] => [
  {
    name: `ClickHouse shard ${at + 1} killed`,
    weight: 1,
    can: ({ shards }) => shards[at] !== undefined && shards[at].isUp && !shards[at].isFrozen,
    async run(world) {
      const shard = world.shards[at];
      await shard.server.kill();
      shard.isUp = false;
      world.begin(`shard ${at + 1} down`, world.between(...SHORT), async () => {
        await shard.server.start();
        shard.isUp = true;
      });
    },
  },
  {
    name: `ClickHouse shard ${at + 1} frozen`,
    weight: 1,
    can: ({ shards }) => shards[at] !== undefined && shards[at].isUp && !shards[at].isFrozen,
    async run(world) {
      const shard = world.shards[at];
      shard.server.freeze();
      shard.isFrozen = true;
      world.begin(`shard ${at + 1} frozen`, world.between(...SHORT), async () => {
        shard.server.thaw();
        shard.isFrozen = false;
      });
    },
  },
]);

const machineFaults: Fault[] = [
  {
    name: 'descriptors exhausted',
    weight: 2,
    can: (world) => world.hasPrlimit && !world.has('no descriptors'),
    async run(world) {
      const { pid } = world.node;
      const before = softLimit(pid);
      // What is open stays open; nothing more can be opened.
      limit(pid, readdirSync(`/proc/${pid}/fd`).length);
      world.begin('no descriptors', world.between(...SHORT), async () => {
        if (world.node.isUp && world.node.pid === pid) limit(pid, before);
      });
    },
  },
  {
    name: 'clock set',
    weight: 2,
    can: ({ clock }) => clock !== null,
    async run(world) {
      // By up to an hour, in either direction.
      world.clock!.set(Math.round(world.between(-3600, 3600)));
    },
  },
  {
    name: 'interface removed',
    weight: 2,
    can: (world) => world.mirror !== null && !world.has('no interface'),
    async run(world) {
      world.mirror!.unlink();
      world.begin('no interface', world.between(...SHORT), async () => world.mirror!.link());
    },
  },
  {
    name: 'a hundred reloads',
    weight: 0.5,
    async run(world) {
      for (let i = 0; i < RELOADS; i++) {
        reload(world);
        await sleep(30);
      }
    },
  },
  {
    name: 'SQLite from an older copy',
    weight: 1,
    can: (world) => !world.has('SQLite locked') && !world.has('data disk full') && existsSync(world.sqlite),
    run: olderCopy,
  },
];

/** A copy of the stopped node's database; traffic; then the copy instead of it. What came in between is gone from that file. */
async function olderCopy(world: World): Promise<void> {
  await world.heal(/SQLite/);
  if (!(await world.settleNode())) return;
  const copy = world.at('older.db');
  let from = 0;
  await stopNode(world, async () => {
    from = world.traffic.sent;
    for (const end of ['', '-wal', '-shm']) if (existsSync(world.sqlite + end)) copyFileSync(world.sqlite + end, copy + end);
  });
  world.traffic.resume();
  await world.wait(world.between(500, 2000));
  // What waits in a spool while the node is stopped is not lost with the file, but may have been stored before.
  await stopNode(world, async () => {
    for (let number = from; number < world.traffic.sent; number++) world.traffic.uncertainSqlite.add(number);
    for (const end of ['', '-wal', '-shm']) {
      rmSync(world.sqlite + end, { force: true });
      if (existsSync(copy + end)) copyFileSync(copy + end, world.sqlite + end);
    }
  });
}

function softLimit(pid: number): number {
  return Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1'))![1]);
}

function limit(pid: number, descriptors: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${descriptors}:`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot limit descriptors to ${descriptors}: ${stderr}`);
}

export const MORE_FAULTS: readonly Fault[] = [...shardFaults, ...machineFaults];
