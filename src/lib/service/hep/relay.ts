/** `hep relay`: HEP from listeners (until stopped), files, standard input or spools (to their end) to other nodes. */
import {
  UsageError,
  parseHepEndpoint,
  EXIT_BAD_INPUT,
  EXIT_DONE,
  EXIT_INTERRUPTED,
  EXIT_UNREACHABLE,
  Ledger,
  type Gate,
  type Environment,
} from '../../base/index.js';
import type { HepStreamListener, HepUdpListener } from '../../capture/hep/index.js';
import { isRefusal, parseChunkName, parseSet } from '../../hep/index.js';
import { RelaySink } from '../../sink/relay/index.js';
import { HepRelayInput, type HepEdit } from '../../pipeline/input/hep-relay-input.js';
import { readHepFiles, type OnHepPacket } from '../../pipeline/input/hep-file-input.js';
import { closeListener, listenerFor, openListener, startListener, type ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { openHepTargets, relayOptions, type HepTargetOptions, type HepTargetSink } from '../../pipeline/output/hep-output.js';
import { HepExtractor } from '../../extract/hep-extractor.js';
import type { RouteChoice } from '../../pipeline/options.js';
import { ScriptedRun } from '../../script/scripted-run.js';
import { readChoice } from '../route/script-choice.js';
import { onSignals } from '../../pipeline/signals.js';
import { SpoolInput, isFolder } from '../../pipeline/input/spool-input.js';
import { writeSummary, type SummaryForm, type InputSummary, type RunSummary } from '../../pipeline/summary.js';

export interface HepRelayOptions {
  /** Listeners, files, `-`; of one kind. */
  from: readonly string[];
  to: HepTargetOptions;
  listening: ListenerSettings;
  /** In the order they were given: `set` with its text, or `del`. */
  edits: readonly { kind: 'set' | 'del'; text: string }[];
  upgrade: boolean;
  /** A script that decides; null relays everything. */
  route: RouteChoice | null;
  /** Only send what the spools hold, and end. */
  drain: boolean;
  /** Seconds to wait for a target that is away before a finite run ends. */
  patienceSeconds: number;
  quiet: boolean;
  summary: SummaryForm;
}

export async function hepRelay(options: HepRelayOptions, env: Environment): Promise<number> {
  if (options.drain) return drain(options, env);
  const isListener = options.from.map((text) => /^(?:hep_)?(?:udp|tcp|tls):/i.test(text));
  if (isListener.includes(true) && isListener.includes(false)) throw new UsageError('--from takes listeners or files, not both at once');
  const live = isListener[0] === true;
  const ledger = new Ledger();
  const began = env.clock.monotonic();
  const edits = options.edits.map(readEdit);
  if (options.route !== null && (edits.length > 0 || options.upgrade))
    throw new UsageError('--route takes no --set, --del or --hep-version: the script does that');
  const script = options.route === null ? null : await readChoice(options.route, env);
  const targets = await openHepTargets({ ...options.to, waits: !live }, env);
  const scripted = script === null ? null : scriptedRelay(options, script, env, ledger, targets);
  const plain = new HepRelayInput(
    { edits, upgrade: options.upgrade, captureId: options.to.encoder.captureId, keyed: options.to.policy === 'balance' },
    ledger,
    targets,
  );
  const intake: Intake = scripted?.intake ?? plain;
  const gate: Gate = { ready: async () => void (await Promise.all(targets.map((target) => target.ready()))) };
  const tell = (inputs: readonly InputSummary[]) => {
    const input: RunSummary = {
      ledger,
      sinks: [...targets.map((target) => ({ sink: target.name, counts: target.counts() })), ...(scripted?.run.counts() ?? [])],
      uniform: scripted === null,
      inputs,
      inputKind: live ? 'listeners' : 'files',
      unit: 'HEP packets',
      seconds: (env.clock.monotonic() - began) / 1000,
    };
    writeSummary(input, options.summary, env.stderr);
  };
  const run = live ? relayLive : relayFiles;
  const { inputs, interrupted, settle } = await run(options, env, intake, gate, ledger, tell).catch(async (error: unknown) => {
    // Their connections would keep the process alive.
    await Promise.all(targets.map((target) => target.close()));
    throw error;
  });
  for (const target of targets) await target.close();
  await settle(targets.every((target) => isSafe(target, options.to.spool !== '')));
  await scripted?.run.close();
  if (!options.quiet) tell(inputs);
  for (const target of targets) {
    const { waiting } = target.counts();
    if (waiting > 0)
      env.log.warn(`${waiting} packets for ${target.name} wait in ${options.to.spool}: the next relay to it sends them, or --drain`);
  }
  return exitCode(targets, inputs, interrupted);
}

type Intake = Pick<HepRelayInput, 'packet'>;

/** The targets get every message that the script does not drop, as edited; those that it names with $du what it sends there. */
function scriptedRelay(
  options: HepRelayOptions,
  script: Awaited<ReturnType<typeof readChoice>>,
  env: Environment,
  ledger: Ledger,
  targets: readonly HepTargetSink[],
): { intake: Intake; run: ScriptedRun } {
  const run = new ScriptedRun(script, {
    ledger,
    env,
    database: null,
    stores: [],
    targets,
    opening: options.to,
    storeByDefault: (message) => {
      ledger.delivered++;
      let room = true;
      for (const target of targets) if (!target.accept(message)) room = false;
      return room;
    },
    count: 0,
    onCount() {},
  });
  const pipeline = new HepExtractor(ledger, (message) => run.dispatch(message));
  return { run, intake: { packet: (bytes, from, to, receivedAt, peer) => pipeline.decode({ bytes, from, to, receivedAt, peer }) } };
}

interface Ran {
  inputs: InputSummary[];
  interrupted: boolean;
  /** Told whether all that was read is safe elsewhere. */
  settle: (isSafe: boolean) => Promise<void>;
}

type Tell = (inputs: readonly InputSummary[]) => void;

async function relayLive(options: HepRelayOptions, env: Environment, intake: Intake, gate: Gate, ledger: Ledger, tell: Tell): Promise<Ran> {
  const listeners: (HepUdpListener | HepStreamListener)[] = options.from.map((text) =>
    listenerFor(parseHepEndpoint(text), options.listening, env),
  );
  const summary = () => listeners.map((listener) => listener.summary());
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const release = onSignals({ stop, report: () => tell(summary()) });
  for (const listener of listeners) await openListener(listener);
  for (const listener of listeners)
    startListener(listener, (arrival) => intake.packet(arrival.bytes, arrival.from, arrival.to, arrival.receivedAt, arrival.peer), gate);
  await stopped;
  for (const listener of listeners) await closeListener(listener, ledger);
  release();
  return { inputs: summary(), interrupted: false, settle: async () => {} };
}

async function relayFiles(
  options: HepRelayOptions,
  env: Environment,
  intake: Intake,
  gate: Gate,
  _ledger: Ledger,
  tell: Tell,
): Promise<Ran> {
  let interrupted = false;
  let stopFile: () => void = () => {};
  const release = onSignals({
    stop: () => {
      interrupted = true;
      stopFile();
    },
    report: () => tell([]),
  });
  const onPacket: OnHepPacket = (bytes, from, to, at, peer) => intake.packet(bytes, from, to, at, peer);
  const inputs: InputSummary[] = [];
  const spools: SpoolInput[] = [];
  for (const name of options.from) {
    if (interrupted) break;
    if (!isFolder(name)) {
      inputs.push(...(await readHepFiles([name], env, gate, (stop) => (stopFile = stop), onPacket)));
      continue;
    }
    for (const spool of await SpoolInput.openAll(name, env)) {
      spools.push(spool);
      stopFile = () => spool.stop();
      if (!interrupted) await spool.read(gate, onPacket);
      inputs.push(spool.summary());
    }
  }
  release();
  return { inputs, interrupted, settle: async (isSafe) => void (await Promise.all(spools.map((spool) => spool.close(isSafe)))) };
}

/** Everything reached the target, or waits in its spool. */
function isSafe(target: HepTargetSink, hasSpool: boolean): boolean {
  const { waiting, lost } = target.counts();
  return lost === 0 && (waiting === 0 || hasSpool);
}

/** `--drain`: what the spools hold, and nothing else. */
async function drain(options: HepRelayOptions, env: Environment): Promise<number> {
  if (options.to.spool === '') throw new UsageError('--drain needs --spool DIR: it sends what waits there');
  const endpoints = options.to.targets.map(parseHepEndpoint);
  const relay = await RelaySink.open(relayOptions(endpoints, { ...options.to, waits: true }, env));
  const results = await relay.drain(options.patienceSeconds * 1000);
  const counts = relay.counts();
  await relay.close();
  results.forEach((result, i) => {
    const { target, lastError } = counts[i];
    if (!options.quiet || result.backlog > 0)
      env.stderr.write(
        `${target}: ${result.sent} sent, ${result.backlog} wait${result.backlog > 0 ? ` (${lastError === '' ? 'target away' : lastError}); they are kept in ${options.to.spool}` : ''}\n`,
      );
  });
  return results.some(({ backlog }) => backlog > 0) ? EXIT_UNREACHABLE : EXIT_DONE;
}

function readEdit({ kind, text }: { kind: 'set' | 'del'; text: string }): HepEdit {
  const read = kind === 'set' ? parseSet(text, {}) : parseChunkName(text);
  if (isRefusal(read)) throw new UsageError(`--${kind} ${text}: ${read.refused}`);
  return kind === 'set' ? { set: read as never } : { del: read as never };
}

/** Every target's backlog decides: what waits in a spool is kept, but the target was not reached. */
function exitCode(targets: readonly HepTargetSink[], inputs: readonly InputSummary[], interrupted: boolean): number {
  if (targets.some((target) => target.counts().waiting > 0 || target.counts().lost > 0)) return EXIT_UNREACHABLE;
  if (interrupted) return EXIT_INTERRUPTED;
  return inputs.some(({ problem }) => problem !== '') ? EXIT_BAD_INPUT : EXIT_DONE;
}
