/** HEP packets from files, captures and standard input, one after the other, each to its end. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Ledger, RoomWait, type Gate, type Environment } from '../../base/index.js';
import { CaptureFiles } from '../../capture/file/index.js';
import { HepFramer, type HepPeer } from '../../hep/index.js';
import { FrameExtractor } from '../../extract/frame-extractor.js';
import type { InputSummary } from '../summary.js';

/** `bytes[from, to)` is one packet; `at` is microseconds since 1970. False when there is no room for more. */
export type OnHepPacket = (bytes: Buffer, from: number, to: number, at: number, peer: HepPeer) => boolean;

/** Advice for a capture of SIP. */
export const NO_HEP_IN_CAPTURE = 'no HEP in this capture; to send its SIP as HEP use sipcap capture mirror --hep';

const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'tcp' };

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
    const counted: OnHepPacket = (...packet) => {
      packets++;
      return onPacket(...packet);
    };
    let problem: string;
    let bytes: number;
    if (name === '-' || beginsWithHep(name)) {
      const stream = name === '-' ? env.stdin : createReadStream(name);
      const room = new RoomWait();
      onStop(() => {
        stopped = true;
        stream.destroy();
        room.stop();
      });
      ({ problem, bytes } = await readStream(stream, env, counted, { ready: () => room.at(gate) }, () => stopped));
    } else {
      const files = await CaptureFiles.open([name], { stdin: env.stdin, log: env.log, digests: false });
      onStop(() => {
        stopped = true;
        void files.stop();
      });
      const own = new Ledger();
      const pipeline = new FrameExtractor(
        { ports: [], keepFrames: false, parseHep: true },
        own,
        () => '',
        (message) =>
          message.envelope === null ||
          counted(message.envelope.bytes, 0, message.envelope.bytes.length, message.capturedAt, message.envelope),
      );
      await files.start((frame) => pipeline.frame(frame), gate);
      pipeline.finish();
      const [end] = files.ends();
      ({ problem, bytes } = end);
      const refused = own.rejected
        .entries()
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', ');
      if (problem === '' && refused !== '') problem = `invalid HEP: ${refused}`;
      if (problem === '' && packets === 0 && end.packets > 0 && !stopped) problem = NO_HEP_IN_CAPTURE;
    }
    inputs.push({ name, packets, bytes, problem });
  }
  return inputs;
}

/** A stream of HEP3 packets, as on TCP. */
async function readStream(
  stream: Readable,
  env: Environment,
  onPacket: OnHepPacket,
  gate: Gate,
  isStopped: () => boolean,
): Promise<{ problem: string; bytes: number }> {
  const framer = new HepFramer();
  let bytes = 0;
  let room = true;
  const take = (whole: Buffer, from: number, to: number) => {
    if (!onPacket(whole, from, to, env.clock.now(), NO_PEER)) room = false;
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (framer.push(chunk, 0, chunk.length, take) === 'close')
        return { problem: `no HEP in ${framer.skippedBytes} bytes: gave up`, bytes };
      if (!room) await gate.ready();
      room = true;
    }
  } catch (error) {
    return { problem: isStopped() ? '' : `cannot be read: ${(error as Error).message}`, bytes };
  }
  if (framer.holding) return { problem: `ends within a packet (at byte ${bytes})`, bytes };
  return { problem: framer.skippedBytes > 0 ? `${framer.skippedBytes} bytes skipped: not HEP` : '', bytes };
}

function beginsWithHep(path: string): boolean {
  const head = Buffer.alloc(4);
  try {
    const descriptor = openSync(path, 'r');
    readSync(descriptor, head, 0, 4, 0);
    closeSync(descriptor);
  } catch {
    return false;
  }
  return head.toString('latin1') === 'HEP3';
}
