/**
 * A load run: a node with listeners and a mirror port under good messages and malformed packets at given rates, watched until the
 * time is over; then it drains, stops, and what is stored is compared with what was sent.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { random } from '../../fuzz/streams.js';
import { certificate } from '../../capture/hep/rig.js';
import { freePort } from '../../rigs/free-port.js';
import { query as askSqlite } from '../../rigs/database.js';
import { makeServer, query, type PrivateServer } from '../../rigs/private-server.js';
import { Serving, type Report } from '../chaos/serving.js';
import { BadConnections, badFrames } from './bad.js';
import { HepSender, WAYS, goodFrames, type Sent } from './good.js';
import { compileSender, inside, sendFrames, writeFrames, type Mirror } from './inside.js';
import { Watch } from './watch.js';

export interface LoadPlan {
  name: string;
  minutes: number;
  /** Good messages and malformed packets a second. */
  good: number;
  bad: number;
  /** Several databases, a relay to another node, a script, RTP and management as well. */
  everything: boolean;
  /** How much memory may grow in the second half, if that is a minute or more: before, buffers within their bounds still fill. */
  megabytes: number;
  /** The resident memory that the node's bounded buffers add up to. */
  ceilingMegabytes?: number;
}

const CHUNK_SECONDS = 5;
/** Of the second half at least: in less time buffers that are bounded look like a leak. */
const SLOPE_MINUTES = 0.95;
const BAD_FRAMES = 20_000;
const DRAIN_MS = 300_000;
/** Of the log, a minute: reports of this program aside. */
const LOG_BYTES_A_MINUTE = 100_000;

interface Place {
  name: string;
  count(way: string): Promise<{ rows: number; distinct: number }>;
}

export async function loadRun(plan: LoadPlan): Promise<void> {
  const mirror = inside();
  compileSender();
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-load-'));
  const servers: PrivateServer[] = [];
  const problems: string[] = [];
  const log = (text: string) => process.stdout.write(`${text}\n`);
  const serving: Serving[] = [];
  try {
    const made = await nodes(plan, mirror, folder, servers, log);
    serving.push(...made.serving);
    for (const one of [...serving].reverse()) await one.start();
    const [node] = serving;
    const sent = Object.fromEntries(WAYS.map((way) => [way, 0])) as Sent;
    const watches = serving.map((one, i) => new Watch(one.pid, made.metrics[i]));
    const badSent = await traffic(plan, mirror, folder, made.ports, sent, problems);
    for (const watch of watches) watch.stop();
    log('draining');
    if (!(await drained(serving))) problems.push('something still waits long after the traffic ended');
    const reports = [] as Report[];
    for (const one of serving) reports.push(await one.stop());
    log(
      `${Object.values(sent).reduce((sum, count) => sum + count, 0)} good messages, ${badSent} malformed packets in ${plan.minutes} minutes`,
    );
    await compared(made.places, sent, reports[0], problems, log);
    for (const [i, one] of serving.entries()) {
      const { text, minutes, highestMegabytes, megabytesGrown, descriptorsGrown } = watches[i].report();
      log(`${one.name}: ${text}; dropped ${JSON.stringify(one.dropped)}, rejected ${JSON.stringify(reports[i].messages.rejected)}`);
      const { ceilingMegabytes } = plan;
      if (ceilingMegabytes !== undefined && highestMegabytes > ceilingMegabytes)
        problems.push(`${one.name}: ${highestMegabytes.toFixed(0)} MB resident: expected at most ${ceilingMegabytes} MB`);
      const isJudgedByCeiling = ceilingMegabytes !== undefined && minutes < SLOPE_MINUTES;
      if (isJudgedByCeiling)
        log(`${one.name}: too short for a slope of memory; at most ${highestMegabytes.toFixed(0)} of ${ceilingMegabytes} MB`);
      else if (megabytesGrown > plan.megabytes)
        problems.push(`${one.name}: memory grew by ${megabytesGrown.toFixed(0)} MB in the second half`);
      if (descriptorsGrown > 30) problems.push(`${one.name}: descriptors grew by ${descriptorsGrown.toFixed(0)}`);
      if (one.loggedBytes > LOG_BYTES_A_MINUTE * Math.max(1, plan.minutes)) problems.push(`${one.name} logged ${one.loggedBytes} bytes`);
      else log(`${one.name}: ${one.loggedBytes} bytes logged`);
      for (const [output, count] of Object.entries(one.lost)) problems.push(`${count} messages were counted as lost for ${output}`);
    }
    problems.push(...node.problems, ...serving.slice(1).flatMap((one) => one.problems));
  } finally {
    for (const one of serving) if (one.isUp) await one.kill();
    for (const server of servers) await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const problem of problems) log(`PROBLEM ${problem}`);
  log(problems.length === 0 ? `${plan.name}: passed` : `${plan.name}: ${problems.length} problems`);
  process.exit(problems.length === 0 ? 0 : 1);
}

async function nodes(plan: LoadPlan, mirror: Mirror, folder: string, servers: PrivateServer[], log: (text: string) => void) {
  const at = (name: string) => join(folder, name);
  const [udp, tcp, tls, far, metrics, farMetrics] = await Promise.all(Array.from({ length: 6 }, () => freePort()));
  const made = certificate('load');
  if (made === null) throw new Error('needs openssl');
  writeFileSync(at('key.pem'), made.key);
  writeFileSync(at('cert.pem'), made.cert);
  const sqlite = at('calls.db');
  const urls: string[] = [];
  if (plan.everything)
    for (const kind of ['mysql', 'postgresql'] as const) {
      servers.push(await makeServer(kind));
      urls.push(servers.at(-1)!.url);
    }
  else urls.push(`sqlite:${sqlite}`);
  const node = new Serving('node', at('node.yaml'), metrics, quiet(log));
  node.configure(
    [
      `socket: [hep_udp:0.0.0.0:${udp}, hep_tcp:127.0.0.1:${tcp}, hep_tls:127.0.0.1:${tls}]`,
      `tls: {certificate: ${at('cert.pem')}, key: ${at('key.pem')}}`,
      `live: {interfaces: [${mirror.near}], ports: "5060", rtcp: on, rtp: on}`,
      'promiscuous_on: on',
      `db_url: "${urls[0]}"`,
      `databases: [${urls
        .slice(1)
        .map((url) => `{db_url: "${url}"}`)
        .join(', ')}]`,
      `spool: {directory: ${at('spool')}}`,
      `metrics: {listen: "127.0.0.1:${metrics}"}`,
      `quarantine: ${at('quarantine.ndjson')}`,
      'log: {format: text}',
      ...(plan.everything
        ? [
            `hep_targets: ["hep_tcp:127.0.0.1:${far}"]`,
            `mi: {datagram: ${at('mi')}}`,
            'silent_after: 5m',
            'route: |',
            '  route {',
            '    if ($rs >= 400 && $ua =~ "scanner") exit;',
            '    sip_capture();',
            '    hep_relay();',
            '  }',
          ]
        : []),
      '',
    ].join('\n'),
  );
  const serving = [node];
  const places: Place[] = plan.everything ? servers.map((server) => placeOfServer(server)) : [placeOfFile('sqlite', sqlite)];
  if (plan.everything) {
    const other = new Serving('far', at('far.yaml'), farMetrics, quiet(log));
    other.configure(
      [
        `socket: [hep_tcp:127.0.0.1:${far}]`,
        `db_url: sqlite:${at('far.db')}`,
        `spool: {directory: ${at('spool-far')}}`,
        `metrics: {listen: "127.0.0.1:${farMetrics}"}`,
        `quarantine: ${at('quarantine-far.ndjson')}`,
        'log: {format: text}\n',
      ].join('\n'),
    );
    serving.push(other);
    places.push(placeOfFile('far (relay, sqlite)', at('far.db')));
  }
  return { serving, places, ports: { udp, tcp, tls }, metrics: [metrics, farMetrics] };
}

/** The first lines only: a log without bounds is counted, not shown. */
function quiet(log: (text: string) => void): (text: string) => void {
  let left = 60;
  return (text) => {
    if (left-- > 0) log(text.slice(0, 300));
  };
}

/** Until the time is over; how many malformed packets were sent. */
async function traffic(
  plan: LoadPlan,
  mirror: Mirror,
  folder: string,
  ports: { udp: number; tcp: number; tls: number },
  sent: Sent,
  problems: string[],
): Promise<number> {
  const seconds = plan.minutes * 60;
  const next = random(1);
  const badPath = join(folder, 'bad.pcap');
  if (plan.bad > 0) writeFrames(badPath, badFrames(BAD_FRAMES, ports.udp, next));
  const sender = new HepSender(ports, plan.good / 2, sent, problems);
  await sender.start();
  const bad = plan.bad > 0 ? sendFrames(mirror, badPath, plan.bad, { seconds }) : Promise.resolve(0);
  const connections = plan.bad > 0 ? new BadConnections([ports.tcp, ports.tls], next) : null;
  // One chunk is made while the one before it is sent.
  let chunks = 0;
  const chunk = async () => {
    const before = mirrored(sent);
    const frames = await goodFrames((plan.good / 2) * CHUNK_SECONDS, sent);
    const path = join(folder, `good-${chunks++ % 2}.pcap`);
    writeFrames(path, frames);
    return { path, count: frames.length, rate: (frames.length / (mirrored(sent) - before)) * (plan.good / 2) };
  };
  const end = performance.now() + seconds * 1000;
  for (let next: ReturnType<typeof chunk> | null = chunk(); next !== null;) {
    const { path, count, rate } = await next;
    next = performance.now() + CHUNK_SECONDS * 1000 < end ? chunk() : null;
    await sendFrames(mirror, path, rate, { count });
  }
  await sender.stop();
  connections?.close();
  return await bad;
}

const mirrored = (sent: Sent) => sent['mirror-udp'] + sent['mirror-tcp'] + sent['mirror-ws'];

async function drained(serving: readonly Serving[]): Promise<boolean> {
  await sleep(2000);
  for (const end = performance.now() + DRAIN_MS; performance.now() < end; await sleep(500)) {
    const reports = await Promise.all(serving.map((one) => one.report()));
    if (
      reports.every(
        (report) =>
          report !== null &&
          report.frames.undecoded === 0 &&
          report.sinks.every(({ waiting, unconfirmed = 0 }) => waiting + unconfirmed === 0),
      )
    )
      return true;
  }
  return false;
}

/** Streams are stored to the last message; of datagrams and of the mirror only what the kernel counted may be missing. */
async function compared(
  places: readonly Place[],
  sent: Sent,
  { frames }: Report,
  problems: string[],
  log: (text: string) => void,
): Promise<void> {
  const dropped = Object.values(frames.dropped).reduce((sum, count) => sum + count, 0);
  for (const { name, count } of places) {
    const parts: string[] = [];
    for (const way of WAYS) {
      const { rows, distinct } = await count(way);
      const missing = sent[way] - distinct;
      parts.push(`${way} ${distinct} of ${sent[way]}`);
      const mayMiss = way === 'hep-tcp' || way === 'hep-tls' ? 0 : dropped;
      if (missing > mayMiss)
        problems.push(`${name}: ${missing} of ${sent[way]} messages by ${way} are missing (${dropped} were counted as dropped)`);
      if (rows > distinct) problems.push(`${name}: ${rows - distinct} messages by ${way} are stored more than once`);
      if (distinct > sent[way]) problems.push(`${name}: more by ${way} than were sent`);
    }
    log(`${name}: ${parts.join(', ')}; dropped and counted ${dropped}`);
  }
}

const SQL = (way: string) => `SELECT count(*) AS n, count(DISTINCT callid) AS d FROM sip_capture WHERE callid LIKE 'good-${way}-%'`;

function placeOfServer(server: PrivateServer): Place {
  return {
    name: server.kind,
    async count(way) {
      const [{ n, d }] = await query(server.url, SQL(way));
      return { rows: Number(n), distinct: Number(d) };
    },
  };
}

function placeOfFile(name: string, path: string): Place {
  return {
    name,
    async count(way) {
      if (!existsSync(path) || statSync(path).size === 0) return { rows: 0, distinct: 0 };
      const [{ n, d }] = await askSqlite<{ n: number; d: number }>(path, SQL(way));
      return { rows: n, distinct: d };
    },
  };
}
