/** `hep relay`: HEP from listeners (until stopped), files, standard input or spools (to their end) to other nodes. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError, parseHepEndpoint, type Gate } from '../base/index.js';
import { CaptureFiles } from '../capture/file/index.js';
import type { HepStreamListener, HepUdpListener } from '../capture/hep/index.js';
import { HepFramer, isRefusal, parseChunkName, parseSet, type HepPeer } from '../hep/index.js';
import { RelaySink } from '../sink/relay/index.js';
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERRUPTED, EXIT_UNREACHABLE } from './exit-codes.js';
import { FramePipeline } from './frame-pipeline.js';
import { HepIntake, type HepEdit } from './hep-intake.js';
import { closeListener, listenerFor, openListener, type ListenerSettings } from './hep-listeners.js';
import { openHepTargets, relayOptions, type HepTargetOptions, type HepTargetSink } from './hep-sink.js';
import { Ledger } from './ledger.js';
import type { Surroundings } from './run-options.js';
import { onSignals } from './signals.js';
import { sumsJson, sumsText, type InputSums, type SumsInput } from './sums.js';

export interface HepRelayOptions {
  /** Listeners, files, `-`; of one kind. */
  from: readonly string[];
  to: HepTargetOptions;
  listening: ListenerSettings;
  /** In the order they were given: `set` with its text, or `del`. */
  edits: readonly { kind: 'set' | 'del'; text: string }[];
  upgrade: boolean;
  /** Only send what the spools hold, and end. */
  drain: boolean;
  /** Seconds to wait for a target that is away before a finite run ends. */
  patienceSeconds: number;
  quiet: boolean;
  stats: 'text' | 'json';
}

const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'tcp' };

export async function hepRelay(options: HepRelayOptions, around: Surroundings): Promise<number> {
  if (options.drain) return drain(options, around);
  const isListener = options.from.map((text) => /^(?:hep_)?(?:udp|tcp|tls):/i.test(text));
  if (isListener.includes(true) && isListener.includes(false)) throw new UsageError('--from takes listeners or files, not both at once');
  const live = isListener[0] === true;
  const ledger = new Ledger();
  const began = around.clock.monotonic();
  const edits = options.edits.map(readEdit);
  const targets = await openHepTargets({ ...options.to, waits: !live }, around);
  const intake = new HepIntake({ edits, upgrade: options.upgrade, captureId: options.to.encoder.captureId, keyed: options.to.policy === 'balance' }, ledger, targets);
  const gate: Gate = { ready: async () => void (await Promise.all(targets.map((target) => target.ready()))) };
  const tell = (inputs: readonly InputSums[]) => {
    const input: SumsInput = {
      ledger, sinks: targets.map((target) => ({ sink: target.name, counts: target.counts() })), inputs, inputKind: live ? 'listeners' : 'files', unit: 'HEP packets',
      seconds: (around.clock.monotonic() - began) / 1000,
    };
    around.stderr.write(options.stats === 'json' ? `${JSON.stringify(sumsJson(input))}\n` : sumsText(input));
  };
  const run = live ? relayLive : relayFiles;
  const { inputs, interrupted } = await run(options, around, intake, gate, ledger, tell);
  for (const target of targets) await target.close();
  if (!options.quiet) tell(inputs);
  for (const target of targets) {
    const { waiting } = target.counts();
    if (waiting > 0) around.log.warn(`${waiting} packets for ${target.name} wait in ${options.to.spool}: the next relay to it sends them, or --drain`);
  }
  return exitCode(targets, inputs, interrupted);
}

interface Ran {
  inputs: InputSums[];
  interrupted: boolean;
}

type Tell = (inputs: readonly InputSums[]) => void;

async function relayLive(options: HepRelayOptions, around: Surroundings, intake: HepIntake, gate: Gate, ledger: Ledger, tell: Tell): Promise<Ran> {
  const listeners: (HepUdpListener | HepStreamListener)[] = options.from.map((text) => listenerFor(parseHepEndpoint(text), options.listening, around));
  const sums = () => listeners.map((listener) => listener.sums());
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const release = onSignals({ stop, report: () => tell(sums()) });
  for (const listener of listeners) await openListener(listener);
  for (const listener of listeners) void listener.start((arrival) => intake.packet(arrival.bytes, arrival.from, arrival.to, arrival.receivedAt, arrival.peer), gate);
  await stopped;
  for (const listener of listeners) await closeListener(listener, ledger);
  release();
  return { inputs: sums(), interrupted: false };
}

async function relayFiles(options: HepRelayOptions, around: Surroundings, intake: HepIntake, gate: Gate, ledger: Ledger, tell: Tell): Promise<Ran> {
  const inputs: InputSums[] = [];
  let interrupted = false;
  let stopFile: () => void = () => {};
  const release = onSignals({
    stop: () => {
      interrupted = true;
      stopFile();
    },
    report: () => tell(inputs),
  });
  for (const name of options.from) {
    if (interrupted) break;
    const before = ledger.received;
    let problem: string;
    let bytes: number;
    if (name === '-' || beginsWithHep(name)) {
      const stream = name === '-' ? around.stdin : createReadStream(name);
      stopFile = () => stream.destroy();
      ({ problem, bytes } = await relayStream(stream, around, intake, gate));
    } else {
      const files = await CaptureFiles.open([name], { stdin: around.stdin, log: around.log, digests: false });
      stopFile = () => void files.stop();
      const own = new Ledger();
      const pipeline = new FramePipeline({ ports: [], keepFrames: false, parseHep: true }, own, () => true, (message) =>
        message.envelope === null || intake.packet(message.envelope.bytes, 0, message.envelope.bytes.length, message.capturedAt, message.envelope));
      await files.start((frame) => pipeline.frame(frame), gate);
      pipeline.finish();
      for (const [reason, count] of own.rejected.entries()) ledger.notes.add(`rejected_${reason}`, count);
      [{ problem, bytes }] = files.ends();
    }
    inputs.push({ name, packets: ledger.received - before, bytes, problem });
  }
  release();
  return { inputs, interrupted };
}

/** A stream of HEP3 packets, as on TCP. */
async function relayStream(stream: Readable, around: Surroundings, intake: HepIntake, gate: Gate): Promise<{ problem: string; bytes: number }> {
  const framer = new HepFramer();
  let bytes = 0;
  let room = true;
  const take = (whole: Buffer, from: number, to: number) => {
    if (!intake.packet(whole, from, to, around.clock.now(), NO_PEER)) room = false;
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (framer.push(chunk, 0, chunk.length, take) === 'close') return { problem: `no HEP in ${framer.skippedBytes} bytes: given up`, bytes };
      if (!room) await gate.ready();
      room = true;
    }
  } catch (error) {
    return { problem: `cannot be read: ${(error as Error).message}`, bytes };
  }
  if (framer.holding) return { problem: `ends within a packet (at byte ${bytes})`, bytes };
  return { problem: framer.skippedBytes > 0 ? `${framer.skippedBytes} bytes are no HEP and were passed over` : '', bytes };
}

/** `--drain`: what the spools hold, and nothing else. */
async function drain(options: HepRelayOptions, around: Surroundings): Promise<number> {
  if (options.to.spool === '') throw new UsageError('--drain needs --spool DIR: it sends what waits there');
  const endpoints = options.to.targets.map(parseHepEndpoint);
  const relay = await RelaySink.open(relayOptions(endpoints, { ...options.to, waits: true }, around));
  const results = await relay.drain(options.patienceSeconds * 1000);
  const counts = relay.counts();
  await relay.close();
  results.forEach((result, i) => {
    const { target, trouble } = counts[i];
    if (!options.quiet || result.backlog > 0) around.stderr.write(`${target}: ${result.sent} sent, ${result.backlog} wait${result.backlog > 0 ? ` (${trouble === '' ? 'target away' : trouble}); they are kept in ${options.to.spool}` : ''}\n`);
  });
  return results.some(({ backlog }) => backlog > 0) ? EXIT_UNREACHABLE : EXIT_DONE;
}

function readEdit({ kind, text }: { kind: 'set' | 'del'; text: string }): HepEdit {
  const read = kind === 'set' ? parseSet(text, {}) : parseChunkName(text);
  if (isRefusal(read)) throw new UsageError(`--${kind} ${text}: ${read.refused}`);
  return kind === 'set' ? { set: read as never } : { del: read as never };
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

/** Every target's backlog decides: what waits in a spool is kept, but the target was not reached. */
function exitCode(targets: readonly HepTargetSink[], inputs: readonly InputSums[], interrupted: boolean): number {
  if (targets.some((target) => target.counts().waiting > 0 || target.counts().lost > 0)) return EXIT_UNREACHABLE;
  if (interrupted) return EXIT_INTERRUPTED;
  return inputs.some(({ problem }) => problem !== '') ? EXIT_BAD_INPUT : EXIT_DONE;
}

