/** HEP packets from files, captures and standard input, one after the other, each to its end. */
import { statSync } from 'node:fs';
import { Ledger, RoomWait, faultText, systemErrorText, type Gate, type Environment } from '../../base/index.js';
import { CaptureFiles, openFile, openNamedPipe, openStream, type ByteSource } from '../../capture/file/index.js';
import { HepFramer, type HepPeer } from '../../hep/index.js';
import { FrameExtractor } from '../../extract/frame-extractor.js';
import type { InputSummary } from '../summary.js';

/** `bytes[from, to)` is one packet; `at` is microseconds since 1970. False when there is no room for more. */
export type OnHepPacket = (bytes: Buffer, from: number, to: number, at: number, peer: HepPeer) => boolean;

/** Advice for a capture of SIP. */
export const NO_HEP_IN_CAPTURE = 'no HEP in this capture; to send its SIP as HEP use sipcap capture mirror --hep';

const PEEK_BYTES = 4096;
const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'tcp' };

/** Where the reading of one input ended. */
interface HepEnd {
  bytes: number;
  /** '' where it was read to its end. */
  problem: string;
}

/** How one input is read. */
interface Reading {
  env: Environment;
  gate: Gate;
  onPacket: OnHepPacket;
  /** Given what ends the reading early. */
  onStop: (stop: () => void) => void;
}

/** `onStop` is given what ends the reading early. */
export async function readHepFiles(
  names: readonly string[],
  env: Environment,
  gate: Gate,
  onStop: (stop: () => void) => void,
  onPacket: OnHepPacket,
): Promise<InputSummary[]> {
  const inputs: InputSummary[] = [];
  let stopped = false;
  for (const name of names) {
    if (stopped) break;
    let packets = 0;
    const reading: Reading = {
      env,
      gate,
      onPacket: (...packet) => {
        packets++;
        return onPacket(...packet);
      },
      onStop: (stop) =>
        onStop(() => {
          stopped = true;
          stop();
        }),
    };
    const stream = await openHepStream(name, env);
    const end = stream === null ? await readCapture(name, reading) : await readStream(stream, reading);
    inputs.push({ name, packets, ...end });
  }
  return inputs;
}

/** HEP in a capture file. */
async function readCapture(name: string, { env, gate, onPacket, onStop }: Reading): Promise<HepEnd> {
  const files = await CaptureFiles.open([name], { stdin: env.stdin, log: env.log, digests: false });
  let stopped = false;
  onStop(() => {
    stopped = true;
    void files.stop();
  });
  let packets = 0;
  const own = new Ledger();
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: true },
    own,
    () => '',
    ({ envelope, capturedAt }) => {
      if (envelope === null) return true;
      packets++;
      return onPacket(envelope.bytes, 0, envelope.bytes.length, capturedAt, envelope);
    },
  );
  await files.start((frame) => pipeline.frame(frame), gate);
  pipeline.finish();
  const [{ problem, bytes, packets: frames }] = files.ends();
  if (problem !== '') return { bytes, problem };
  const refused = own.rejected
    .entries()
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
  if (refused !== '') return { bytes, problem: `invalid HEP: ${refused}` };
  return { bytes, problem: packets === 0 && frames > 0 && !stopped ? NO_HEP_IN_CAPTURE : '' };
}

/** A stream of HEP3 packets, as on TCP; in a file it may be compressed. */
async function readStream(source: ByteSource, { env, gate, onPacket, onStop }: Reading): Promise<HepEnd> {
  const wait = new RoomWait();
  onStop(() => {
    wait.stop();
    source.abort();
  });
  const framer = new HepFramer();
  let bytes = 0;
  let room = true;
  const take = (whole: Buffer, from: number, to: number) => {
    if (!onPacket(whole, from, to, env.clock.now(), NO_PEER)) room = false;
  };
  try {
    for (let chunk = await source.next(); chunk !== null && !wait.stopped; chunk = await source.next()) {
      bytes += chunk.length;
      if (framer.push(chunk, 0, chunk.length, take) === 'close')
        return { bytes, problem: `no HEP in ${framer.skippedBytes} bytes: gave up` };
      if (!room) await wait.at(gate);
      room = true;
    }
  } catch (error) {
    return { bytes, problem: wait.stopped ? '' : `cannot be read: ${systemErrorText(error)}` };
  } finally {
    await source.close();
  }
  if (wait.stopped) return { bytes, problem: '' };
  if (source.fault !== null) return { bytes, problem: faultText(source.fault) };
  const [problem = ''] = framer.endProblems(bytes);
  return { bytes, problem };
}

/** Null for a capture file, and for what cannot be opened. What comes through a pipe can be read once: it is a stream of HEP. */
async function openHepStream(name: string, env: Environment): Promise<ByteSource | null> {
  if (name === '-') return openStream(env.stdin);
  if (statSync(name, { throwIfNoEntry: false })?.isFIFO() === true) return openNamedPipe(name);
  return (await beginsWithHep(name)) ? openFile(name) : null;
}

async function beginsWithHep(path: string): Promise<boolean> {
  try {
    const source = await openFile(path, PEEK_BYTES);
    const first = await source.next().finally(() => source.close());
    return first?.toString('latin1', 0, 4) === 'HEP3';
  } catch {
    return false;
  }
}
