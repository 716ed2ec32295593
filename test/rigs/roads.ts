/**
 * The paths of a message through the program: its sources and handlers, each one run of the built
 * program with a database. A new source or handler is one member of a list.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TUNNEL, type AwkwardMessage } from './awkward-messages.js';
import {
  captureLive,
  captureOf,
  frames,
  hepFrames,
  listen,
  packets,
  quiet,
  scriptFlags,
  sendDatagrams,
  sendStream,
  spoolAndDrain,
  type Broadcast,
  type LiveMembers,
  type Road,
  type RoadHandler,
} from './road-runs.js';
import { sipcap, type Ended } from './sipcap.js';

export const HANDLERS: readonly RoadHandler[] = [
  { name: 'no script', script: false, serve: false },
  { name: 'script', script: true, serve: false },
  { name: 'serve', script: false, serve: true },
  { name: 'serve with a script', script: true, serve: true },
];

export interface RoadSource {
  name: string;
  /** The messages that it can deliver. */
  carries(message: AwkwardMessage): boolean;
  handles(handler: RoadHandler): boolean;
  /** Columns whose value may differ from the first source, and why. */
  differs(message: AwkwardMessage): Readonly<Record<string, string>>;
  /** Columns that must have this value instead of the first source's. */
  gives?(message: AwkwardMessage): Readonly<Record<string, string>>;
  run(road: Road): Promise<Ended>;
}

const same = () => ({});
const NOW = 'the time of arrival';
const arrival = { date: NOW, micro_ts: NOW };
const byCommand = ({ serve }: RoadHandler) => !serve;
const hasFrames = ({ frames }: AwkwardMessage) => frames !== undefined;
const isTunnelled = ({ tunnelled }: AwkwardMessage) => tunnelled === true;
const hasHep = ({ hep }: AwkwardMessage) => hep !== undefined;
const hasHep3 = ({ hep }: AwkwardMessage) => hep?.[0] === 0x48;
const timeless = ({ timeless }: AwkwardMessage) => (timeless === true ? arrival : {});

/** Of `capture raw`: the tunnel's source is the originator unless one is given. */
const originator = ({ sip }: AwkwardMessage): Readonly<Record<string, string>> =>
  sip !== undefined && sip.originator_ip === undefined ? { originator_ip: TUNNEL.source } : {};

export const FILE_SOURCES: readonly RoadSource[] = [
  file('capture file', ['capture', 'mirror', '--rtcp'], frames, hasFrames),
  file('HEP in a capture file', ['capture', 'mirror', '-E'], hepFrames, hasHep),
  file('standard input', ['capture', 'mirror', '--rtcp'], frames, hasFrames, true),
  {
    ...file('tunnel in a capture file', ['capture', 'raw', '--listen', '0.0.0.0'], frames, isTunnelled),
    gives: originator,
  },
];

export const LISTENER_SOURCES: readonly RoadSource[] = [
  {
    name: 'HEP over UDP',
    carries: hasHep,
    handles: () => true,
    differs: timeless,
    run: (road) => listen(road, 'hep_udp', (port) => sendDatagrams(port, packets(road.messages))),
  },
  {
    name: 'HEP over TCP',
    carries: hasHep3,
    handles: () => true,
    differs: same,
    run: (road) => listen(road, 'hep_tcp', (port) => sendStream(port, Buffer.concat(packets(road.messages)))),
  },
  {
    name: 'spooled packets, replayed',
    carries: hasHep3,
    handles: ({ script }) => !script,
    differs: same,
    run: spoolAndDrain,
  },
];

export const LIVE_SOURCES: readonly LiveSource[] = [
  live('interface', { workers: 0, tunnel: false }),
  live('interface with workers', { workers: 2, tunnel: false }),
  live('tunnel on an interface', { workers: 0, tunnel: true }),
];

export type LiveSource = (broadcast: Broadcast) => RoadSource;

function live(name: string, members: LiveMembers): LiveSource {
  const { workers, tunnel } = members;
  return (broadcast) => ({
    name,
    carries: tunnel ? isTunnelled : (message) => hasFrames(message) && (workers === 0 || message.rtcp !== true),
    handles: () => true,
    differs: () => arrival,
    gives: (message) => (tunnel ? originator(message) : {}),
    run: (road) => captureLive(broadcast, road, members),
  });
}

function file(
  name: string,
  command: readonly string[],
  frames: (messages: readonly AwkwardMessage[]) => Buffer[],
  carries: RoadSource['carries'],
  isPiped = false,
): RoadSource {
  return {
    name,
    carries,
    handles: byCommand,
    differs: same,
    run: ({ folder, db, handler, messages }) => {
      const bytes = captureOf(frames(messages));
      const path = join(folder, 'messages.pcap');
      if (!isPiped) writeFileSync(path, bytes);
      const args = [...command, '-r', isPiped ? '-' : path, '--db', db, ...scriptFlags(folder, handler), ...quiet];
      return sipcap(args, { cwd: folder, input: isPiped ? bytes : undefined });
    },
  };
}
