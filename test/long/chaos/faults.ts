/** The faults: one row each, with its weight, when it can happen, and its action. */
import { existsSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sum } from './serving.js';
import type { Database, World } from './world.js';

export interface Fault {
  name: string;
  weight: number;
  can?(world: World): boolean;
  run(world: World): Promise<void>;
}

export const SHORT: [number, number] = [500, 6000];
/** Longer than a server may take to answer. */
const LONG_MS = 23_000;
const RECEIVED_MS = 10_000;

const forDatabase = (
  name: string,
  at: number,
  weight: number,
  run: (world: World, database: Database, name: string) => Promise<void>,
): Fault => ({
  name,
  weight,
  can: ({ databases }) => databases[at].isUp && !databases[at].isFrozen,
  run: (world) => run(world, world.databases[at], name),
});

const SERVERS = ['MariaDB', 'PostgreSQL'] as const;

const serverFaults = SERVERS.flatMap((server, at) => [
  forDatabase(`${server} killed`, at, 2, async (world, database, name) => {
    await database.server.kill();
    database.isUp = false;
    world.begin(name, world.between(...SHORT), () => restart(database));
  }),
  forDatabase(`${server} frozen`, at, 1, async (world, database, name) => {
    database.server.freeze();
    database.isFrozen = true;
    const isLong = world.random() < 0.1;
    world.begin(name, isLong ? LONG_MS : world.between(...SHORT), async () => {
      database.server.thaw();
      database.isFrozen = false;
      await readOnly(database, database.isReadOnly);
    });
  }),
  forDatabase(`${server} read-only`, at, 1, async (world, database, name) => {
    if (database.isReadOnly) return;
    await readOnly(database, true);
    world.begin(name, world.between(...SHORT), () => readOnly(database, false));
  }),
  forDatabase(`${server} connection cut mid-write`, at, 3, async (world, { proxy }) => {
    proxy.cutAfter = Math.floor(world.between(0, 60_000));
  }),
  forDatabase(`${server} answer lost`, at, 3, async (world, { proxy }) => {
    proxy.deafAfter = Math.floor(world.between(0, 800));
  }),
  forDatabase(`${server} network gone`, at, 1, async (world, { proxy }, name) => {
    proxy.frozen = true;
    world.begin(name, world.between(...SHORT), async () => {
      proxy.cut();
      proxy.frozen = false;
    });
  }),
  forDatabase(`${server} refuses connections`, at, 1, async (world, { proxy }, name) => {
    proxy.down = true;
    proxy.cut();
    world.begin(name, world.between(...SHORT), async () => {
      proxy.down = false;
    });
  }),
]);

async function restart(database: Database): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await database.server.start();
      break;
    } catch (error) {
      if (attempt === 3) throw error;
      await database.server.kill();
      await sleep(1000);
    }
  }
  database.isUp = true;
  // MariaDB forgets it, PostgreSQL keeps it.
  await readOnly(database, database.isReadOnly);
}

async function readOnly(database: Database, on: boolean): Promise<void> {
  database.isReadOnly = on;
  // Set when it is started again, or goes on.
  if (!database.isUp || database.isFrozen) return;
  const { server } = database;
  if (server.kind === 'mysql') await server.query(`SET GLOBAL read_only = ${on ? 1 : 0}`);
  else {
    await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
    await server.query('SELECT pg_reload_conf()');
  }
}

const nodeFaults: Fault[] = [
  {
    name: 'node killed when settled',
    weight: 2,
    async run(world) {
      await world.settleNode();
      await killNode(world);
    },
  },
  {
    name: 'node killed in traffic',
    weight: 2,
    async run(world) {
      await world.settleNode();
      world.traffic.resume();
      await sleep(world.between(0, 1200));
      await killNode(world);
    },
  },
  {
    name: 'node killed at any moment',
    weight: 1,
    run: killNode,
  },
  {
    name: 'node killed while it reloads',
    weight: 1,
    async run(world) {
      await world.settleNode();
      reload(world);
      world.traffic.resume();
      await sleep(world.between(0, 400));
      await killNode(world);
    },
  },
  {
    name: 'node stopped and started',
    weight: 2,
    run: (world) => stopNode(world),
  },
  {
    name: 'reload',
    weight: 4,
    async run(world) {
      reload(world);
    },
  },
  {
    name: 'reload of a wrong configuration',
    weight: 1,
    async run(world) {
      world.reconfigure(`${world.nodeText}socket: [nonsense]\n`);
      world.node.signal('SIGHUP');
      await sleep(300);
      world.reconfigure(world.nodeText);
    },
  },
];

const farFaults: Fault[] = [
  {
    name: 'far node killed when settled',
    weight: 1,
    async run(world) {
      await world.settleFar();
      await killFar(world);
    },
  },
  {
    name: 'far node killed in traffic',
    weight: 2,
    async run(world) {
      await world.settleFar();
      world.traffic.resume();
      await sleep(world.between(0, 1200));
      await killFar(world);
    },
  },
  {
    name: 'far node stopped and started',
    weight: 2,
    async run(world) {
      await world.heal(/full|far/);
      await world.far.stop();
      await sleep(world.between(0, 1500));
      await world.far.start();
    },
  },
  {
    name: 'far node frozen',
    weight: 1,
    async run(world) {
      world.far.signal('SIGSTOP');
      world.begin('far frozen', world.between(...SHORT), async () => world.far.signal('SIGCONT'));
    },
    can: (world) => !world.has('far frozen'),
  },
];

const fileFaults: Fault[] = [
  {
    name: 'SQLite locked',
    weight: 2,
    can: (world) => !world.has('SQLite locked') && existsSync(world.sqlite),
    run: (world) => world.lock('SQLite locked', world.sqlite, world.between(500, 8000)),
  },
  {
    name: 'SQLite of the far node locked',
    weight: 2,
    can: (world) => !world.has('far locked') && existsSync(world.farSqlite),
    run: (world) => world.lock('far locked', world.farSqlite, world.between(500, 8000)),
  },
  {
    name: 'SQLite file moved away',
    weight: 1,
    can: (world) => !world.has('SQLite locked') && !world.has('data disk full') && existsSync(world.sqlite),
    async run(world) {
      // A batch that was stored and is not acknowledged yet would be unknown to the new file.
      if (!(await world.settleNode())) return;
      await sleep(700);
      const moved = `${world.sqlite}.${world.files.length + 1}`;
      for (const end of ['-wal', '-shm', '']) if (existsSync(world.sqlite + end)) renameSync(world.sqlite + end, moved + end);
      world.files.push(moved);
    },
  },
  {
    name: 'disk of the spools full',
    weight: 2,
    can: (world) => world.hasDisks && !world.has('spool disk full'),
    run: async (world) => world.fill('spool', world.between(...SHORT)),
  },
  {
    name: 'disk of the SQLite files full',
    weight: 2,
    can: (world) => world.hasDisks && !world.has('data disk full'),
    run: async (world) => world.fill('data', world.between(...SHORT)),
  },
];

export const FAULTS: readonly Fault[] = [...serverFaults, ...nodeFaults, ...farFaults, ...fileFaults];

/** Null where none of them can happen now. */
export function chooseFault(world: World, faults: readonly Fault[]): Fault | null {
  const possible = faults.filter(({ can }) => can === undefined || can(world));
  let left = world.random() * possible.reduce((total, { weight }) => total + weight, 0);
  return possible.find(({ weight }) => (left -= weight) < 0) ?? possible[0] ?? null;
}

/** In order: what its last report does not call lost is stored or spooled. `between`: while it is stopped. */
export async function stopNode(world: World, between: () => Promise<void> = async () => {}): Promise<void> {
  await world.heal(/full|descriptors/);
  await world.traffic.end();
  await received(world);
  const { frames } = await world.node.stop();
  world.traffic.nodeIsSafe(sum(frames.dropped));
  await between();
  await startNode(world);
}

/** Another size of batches and another retry policy: every output is opened anew. */
export function reload(world: World): void {
  world.reloads++;
  const [rows, cooldown] = world.reloads % 2 === 0 ? [1000, 3600] : [200, 5];
  world.reconfigure(`${world.nodeText}max_async_queries: ${rows}\nhep_retry_cooldown: ${cooldown}\n`);
  world.node.signal('SIGHUP');
}

async function killNode(world: World): Promise<void> {
  await world.node.kill();
  world.traffic.nodeWasKilled();
  await startNode(world);
}

async function startNode(world: World): Promise<void> {
  await sleep(world.between(0, 1000));
  // A node cannot start without its interface.
  await world.heal(/full|interface/);
  await world.node.start();
  await world.traffic.begin();
}

async function killFar(world: World): Promise<void> {
  await world.far.kill();
  world.traffic.farWasKilled();
  await sleep(world.between(0, 1500));
  await world.heal(/full/);
  await world.far.start();
}

/** Waits until the node has read everything that was sent to it. */
async function received({ node, traffic }: World): Promise<void> {
  for (const end = performance.now() + RECEIVED_MS; performance.now() < end;) {
    const report = await node.report();
    if (report !== null && report.frames.received + sum(report.frames.dropped) === traffic.sinceStart) return;
    await sleep(50);
  }
}
