/**
 * How a message travels through the built program on each of the roads of roads.ts: the command, the configuration, the
 * sender, and when the run may end.
 */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { CAPTURED_MICROS, CAPTURED_SECONDS, type AwkwardMessage } from './awkward-messages.js';
import { pcap } from './capture-files.js';
import { freePort } from './free-port.js';
import * as make from './frames.js';
import type { VethPair } from './namespaces.js';
import { sipcap, start, until, type Ended, type Running } from './sipcap.js';

/** A script that stores everything by explicit statements. */
const SCRIPT = `route[all] {
  if ($HEPVERSION < 3) hep_resume_sip();
  hep_get("proto_type", "$var(vendor)", "$var(type)");
  if ($var(type) == "SIP") hep_resume_sip();
  hep_get("utf8-string", "0x0011", "$var(vendor)", "$var(id)");
  report_capture("$var(id)");
}
route { sip_capture(); }
onreply_route { sip_capture(); }
`;

export interface RoadHandler {
  name: string;
  script: boolean;
  serve: boolean;
}

/** One run: its folder and its database. */
export interface Road {
  folder: string;
  db: string;
  handler: RoadHandler;
  messages: readonly AwkwardMessage[];
  /** Resolves when the rows of that many messages are stored, or no more arrive. */
  stored(): Promise<void>;
}

/** Sends the frames once that many captures are ready: all of them capture the same. */
export class Broadcast {
  private waiting: (() => void)[] = [];

  constructor(
    readonly pair: VethPair,
    private readonly messages: readonly AwkwardMessage[],
    private missing: number,
  ) {}

  /** Resolves when the frames are sent; a capture that did not start is not waited for. */
  async join(isReady: Promise<void>): Promise<void> {
    try {
      await isReady;
    } finally {
      if (--this.missing === 0) {
        this.pair.send(frames(this.messages), { rate: 2000 });
        this.waiting.forEach((resume) => resume());
      }
    }
    if (this.missing > 0) await new Promise<void>((resume) => this.waiting.push(resume));
  }
}

export interface LiveMembers {
  workers: number;
  tunnel: boolean;
}

export const quiet = ['--summary', 'json'];

export function scriptFlags(folder: string, { script }: RoadHandler): string[] {
  if (!script) return [];
  writeFileSync(join(folder, 'all.cfg'), SCRIPT);
  return ['--route', join(folder, 'all.cfg'), '--hep-route', 'all'];
}

/** A configuration of `serve`; the command that runs it. */
function serveArguments(folder: string, { script }: RoadHandler, ...lines: string[]): string[] {
  const routes = script ? ['hep_route: all', 'route: |', ...SCRIPT.split('\n').map((line) => `  ${line}`)] : [];
  const path = join(folder, 'serve.yaml');
  writeFileSync(path, [...lines, ...routes, ''].join('\n'));
  return ['serve', '-c', path, ...quiet];
}

export function captureOf(frames: readonly Buffer[]): Buffer {
  return pcap({ records: frames.map((bytes) => ({ seconds: CAPTURED_SECONDS, fraction: CAPTURED_MICROS, bytes })) });
}

export function frames(messages: readonly AwkwardMessage[]): Buffer[] {
  return messages.flatMap((message) => message.frames ?? []);
}

export function packets(messages: readonly AwkwardMessage[]): Buffer[] {
  return messages.flatMap(({ hep }) => (hep === undefined ? [] : [hep]));
}

/** HEP on its way between two other machines. */
export function hepFrames(messages: readonly AwkwardMessage[]): Buffer[] {
  const ends = { source: '198.51.100.1', destination: '198.51.100.2', sourcePort: 33_000, destinationPort: 9060 };
  return packets(messages).map((packet) => make.ethernet(make.ETHER_IPV4, make.udpPacket(ends, packet)));
}

export async function listen(road: Road, scheme: string, send: (port: number) => Promise<void>): Promise<Ended> {
  const { folder, db, handler } = road;
  const port = await freePort();
  const endpoint = `${scheme}:127.0.0.1:${port}`;
  const args = handler.serve
    ? serveArguments(folder, handler, `socket: [${endpoint}]`, `db_url: ${db}`)
    : ['hep', 'listen', endpoint, '--db', db, ...scriptFlags(folder, handler), ...quiet];
  const running = start(args, { cwd: folder });
  await isReady(running, handler.serve ? 'serving' : 'listening on');
  await send(port);
  await road.stored();
  return ended(running);
}

export async function captureLive(broadcast: Broadcast, road: Road, { workers, tunnel }: LiveMembers): Promise<Ended> {
  const { pair } = broadcast;
  const { folder, db, handler } = road;
  const isRtcp = workers === 0 && !tunnel;
  const served = () => [
    `db_url: ${db}`,
    ...(tunnel
      ? ['raw_ipip_capture_on: on', 'raw_socket_listen: "0.0.0.0:1-65535"', `raw_interface: ${pair.near}`]
      : [`live: {interfaces: [${pair.near}], rtcp: ${isRtcp ? 'on' : 'off'}}`]),
    ...(workers > 0 ? [`raw_sock_children: ${workers}`] : []),
  ];
  const command = tunnel ? ['capture', 'raw', '--listen', '0.0.0.0'] : ['capture', 'mirror', ...(isRtcp ? ['--rtcp'] : [])];
  const args = handler.serve
    ? serveArguments(folder, handler, ...served())
    : [...command, '-i', pair.near, '--workers', String(workers), '--db', db, ...scriptFlags(folder, handler), ...quiet];
  const running = pair.sipcap(...args);
  await broadcast.join(isReady(running, handler.serve ? 'serving' : 'capturing on'));
  await road.stored();
  return ended(running);
}

/** A database that is unavailable until its backlog is drained into the available one. */
export async function spoolAndDrain(road: Road): Promise<Ended> {
  const { folder, db, handler } = road;
  const away = `mysql://nobody@127.0.0.1:${await freePort()}/away`;
  const port = await freePort();
  const endpoint = `hep_tcp:127.0.0.1:${port}`;
  const spool = join(folder, 'spool');
  const running = start(
    handler.serve
      ? serveArguments(folder, handler, `socket: [${endpoint}]`, `db_url: ${away}`, `spool: {directory: ${spool}}`)
      : ['hep', 'listen', endpoint, '--db', away, '--spool', spool, ...quiet],
    { cwd: folder },
  );
  await isReady(running, handler.serve ? 'serving' : 'listening on');
  const [first, ...others] = packets(road.messages);
  await sendStream(port, first);
  await until(() => running.logged().includes('spooling rows'), `the spool: ${running.logged()}`);
  await sendStream(port, Buffer.concat(others));
  running.child.kill('SIGTERM');
  const spooled = await running.ended;
  const { undecoded } = summaryOf(spooled).frames;
  expect({ code: spooled.code, undecoded }).toEqual({ code: 4, undecoded: others.length });
  const drained = await sipcap(['db', 'drain', '--db', db, '--spool', spool], { cwd: folder });
  expect(drained.stdout).toMatch(/ 0 refused, 0 lost, 0 batches left\n$/);
  return { ...drained, stderr: spooled.stderr };
}

/** The summary at the end; log lines of `serve` may be JSON too. */
export function summaryOf({ stderr }: Ended): { frames: { undecoded: number }; accounting_errors: string[] } {
  const line = stderr.split('\n').find((text) => text.startsWith('{') && text.includes('"accounting_errors"'));
  if (line === undefined) throw new Error(`no summary in: ${stderr}`);
  return JSON.parse(line) as ReturnType<typeof summaryOf>;
}

async function isReady(running: Running, words: string): Promise<void> {
  let hasEnded = false;
  void running.ended.then(() => (hasEnded = true));
  await until(() => hasEnded || running.logged().includes(words), `'${words}': ${running.logged()}`, 30_000);
  if (hasEnded) throw new Error(running.logged());
}

function ended(running: Running): Promise<Ended> {
  running.child.kill('SIGTERM');
  return running.ended;
}

export async function sendDatagrams(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
  socket.close();
}

export function sendStream(port: number, bytes: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', fail).on('close', () => done());
    socket.end(bytes);
  });
}
