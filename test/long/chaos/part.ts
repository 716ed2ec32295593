/** One part of the run: a world of its own, faults by its seed for so long, then everything heals and is compared. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../rigs/random.js';
import { compare, rowsOfCaptures, rowsOfFiles, rowsOfServer, rowsOfShards, type Place } from './comparing.js';
import { FAULTS, chooseFault } from './faults.js';
import { MORE_FAULTS } from './more-faults.js';
import { IMPORT_TABLE, Importing } from './importing.js';
import { World } from './world.js';

export interface PartResult {
  seed: number;
  seconds: number;
  sent: number;
  sentByUdp: number;
  inFiles: number;
  uncertain: number;
  uncertainFar: number;
  places: Place[];
  faults: Record<string, number>;
  imports: number;
  importsKilled: number;
  dropped: Record<string, number>;
  lost: Record<string, number>;
  problems: string[];
}

const TABLE = 'sip_capture';
const PAUSE_MS: [number, number] = [200, 2500];

/** `onWorld` is given what has to be removed when the run is interrupted. */
export async function runPart(
  seed: number,
  seconds: number,
  rate: number,
  only: RegExp,
  log: (text: string) => void,
  onWorld: (world: World) => void,
): Promise<PartResult> {
  const random = seeded(seed);
  const world = await World.create(rate, random, log);
  onWorld(world);
  log(`seed ${seed}, ${seconds} s, in ${world.folder}${world.hasDisks ? '' : ' (no small disks here: nothing will be full)'}`);
  let isGood = false;
  try {
    const importing = new Importing(world, seeded(seed + 500));
    importing.start();
    const faults = [...FAULTS, ...MORE_FAULTS].filter(({ name }) => only.test(name));
    const counts: Record<string, number> = {};
    const began = performance.now();
    while (performance.now() - began < seconds * 1000) {
      await world.wait(world.between(...PAUSE_MS));
      const fault = chooseFault(world, faults);
      if (fault === null) continue;
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      log(`${((performance.now() - began) / 1000).toFixed(1)} s, ${world.traffic.sent} sent: ${fault.name}`);
      await fault.run(world);
      world.traffic.resume();
    }
    const result = await finished(world, importing, { seed, seconds, faults: counts });
    isGood = result.problems.length === 0;
    for (const problem of result.problems) log(`PROBLEM ${problem}`);
    return result;
  } finally {
    if (!isGood) log(`kept for a look: ${world.folder}`);
    await world.remove(!isGood);
  }
}

function merged(...all: Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

async function finished(
  world: World,
  importing: Importing,
  given: { seed: number; seconds: number; faults: Record<string, number> },
): Promise<PartResult> {
  const { traffic, node, far, databases, log } = world;
  const problems: string[] = [];
  log('everything heals');
  if (!(await world.settleAll())) problems.push(`long after everything healed: ${world.waits}`);
  await importing.finish();
  await traffic.end();
  await sleep(100);
  await node.stop();
  await far.stop();
  await world.second.stop();
  const { sent, uncertain, uncertainFar } = traffic;
  const places = [
    compare('mysql', 't', await rowsOfServer(databases[0].server.url, TABLE), sent, uncertain),
    compare('postgresql', 't', await rowsOfServer(databases[1].server.url, TABLE), sent, uncertain),
    compare(
      'sqlite',
      't',
      await rowsOfFiles([world.sqlite, ...world.files], TABLE),
      sent,
      new Set([...uncertain, ...traffic.uncertainSqlite]),
    ),
    compare('far (relay, sqlite)', 't', await rowsOfFiles([world.farSqlite], TABLE), sent, uncertainFar),
    compare('mysql, files', 'f', await rowsOfServer(databases[0].server.url, IMPORT_TABLE), importing.written - 1),
    compare('postgresql, files', 'f', await rowsOfServer(databases[1].server.url, IMPORT_TABLE), importing.written - 1),
    compare('sqlite, files', 'f', await rowsOfFiles([importing.sqlite], IMPORT_TABLE), importing.written - 1),
  ];
  if (world.shards.length > 0)
    places.push(
      compare(
        'clickhouse, two shards',
        't',
        await rowsOfShards(
          world.shards.map(({ server }) => server),
          TABLE,
        ),
        sent,
        uncertain,
      ),
    );
  places.push(compare('second target (relay, capture file)', 't', await rowsOfCaptures(world.captures), sent, uncertain));
  for (const { name, missing, repeated, foreign, examples } of places) {
    if (missing > 0) problems.push(`${name}: ${missing} messages are missing, such as ${examples.join(', ')}`);
    // Over the relay what a broken connection leaves in doubt is sent again.
    if (repeated > 0 && !/relay/.test(name))
      problems.push(`${name}: ${repeated} messages are stored more than once, such as ${examples.join(', ')}`);
    if (foreign > 0) problems.push(`${name}: ${foreign} rows are none of the messages sent`);
  }
  if (world.mirror === null) log('not tried: interfaces removed (needs root and network namespaces)');
  if (world.clock === null) log('not tried: clock steps (needs the package faketime)');
  if (world.shards.length === 0) log('not tried: ClickHouse (needs clickhouse-server)');
  const lost = { ...node.lost };
  for (const [output, count] of Object.entries(far.lost)) lost[`far ${output}`] = count;
  for (const [output, count] of Object.entries(lost)) problems.push(`${count} messages were counted as lost for ${output}`);
  if (world.quarantined() > 0) problems.push(`${world.quarantined()} rows are in the quarantine`);
  problems.push(...node.problems, ...far.problems, ...importing.problems);
  return {
    ...given,
    sent,
    sentByUdp: traffic.udp,
    inFiles: importing.written,
    uncertain: uncertain.size,
    uncertainFar: uncertainFar.size,
    places,
    imports: importing.runs,
    importsKilled: importing.kills,
    dropped: merged(node.dropped, far.dropped),
    lost,
    problems,
  };
}
