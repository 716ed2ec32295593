/** `capture mirror -i` and `capture raw -i`: interfaces into the sinks, until stopped. */
import {
  UsageError,
  EXIT_DONE,
  EXIT_UNREACHABLE,
  Ledger,
  type Frame,
  type Message,
  type PortRange,
  type RawListen,
  type Environment,
} from '../../base/index.js';
import { LiveCapture, linkKindOf, mirrorFilter, tunnelFilter, type LinkKind } from '../../capture/live/index.js';
import { Database } from '../../pipeline/output/database-output.js';
import { DecodePool } from '../../extract/workers/index.js';
import { Dispatcher } from '../../pipeline/dispatcher.js';
import { FrameExtractor } from '../../extract/frame-extractor.js';
import { LossWatch, adviceFor, lossesOf, lostSome } from '../../pipeline/loss-monitor.js';
import { RtcpWatch } from '../../extract/rtcp-extractor.js';
import { dropTo } from '../../pipeline/privileges.js';
import type { RunOptions } from '../../pipeline/options.js';
import { onSignals } from '../../pipeline/signals.js';
import { ScriptedRun } from '../../script/scripted-run.js';
import { readChoice } from '../route/script-choice.js';
import { hepTargets, frameWriterAmong, openLocalOutputs, SinkSet } from '../../pipeline/output/outputs.js';
import { writeSummary, type RunSummary } from '../../pipeline/summary.js';

/** What is captured, before it is known from where. */
export interface CaptureSelection {
  ports: readonly PortRange[];
  parseHep: boolean;
  /** Read RTCP too. */
  rtcp: boolean;
  /** `-w` gets every frame, not only those of messages. */
  keepAll: boolean;
  /** The end of IP-in-IP tunnels that alone is captured, or null. */
  tunnel: RawListen | null;
}

export interface CaptureLiveOptions extends RunOptions, CaptureSelection {
  /** Names of interfaces; `any` is all of them. */
  interfaces: readonly string[];
  /** The operator's own kernel filter, '' for the one that is made. */
  filter: string;
  promiscuous: boolean;
  snapLength: number;
  bufferBytes: number;
  /** Seconds that an interface may be away; 0 waits for ever. */
  giveUpSeconds: number;
  /** Threads that decode; 0 decodes in the main one. */
  workers: number;
  /** Who this process becomes once the capture processes run, '' to stay. */
  user: string;
}

export async function captureLive(options: CaptureLiveOptions, env: Environment): Promise<number> {
  if (options.workers > 0 && options.rtcp) throw new UsageError('--rtcp needs the calls of all flows in one place: leave --workers out');
  const ledger = new Ledger();
  const began = env.clock.monotonic();
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const script = options.route === null ? null : await readChoice(options.route, env);
  const filters = { ethernet: kernelFilter(options, 'ethernet'), cooked: kernelFilter(options, 'cooked'), ip: kernelFilter(options, 'ip') };
  const live = await LiveCapture.open(
    options.interfaces.map((device) => ({ ...options, device, filters })),
    env,
    stop,
  );
  try {
    if (options.user !== '') dropTo(options.user);
    const database = options.sinks.db === undefined ? null : await Database.open({ sinks: options.sinks, env, live: true, ledger });
    const localOutputs = await openLocalOutputs(options, env, stop, options.keepAll);
    const frameWriter = options.keepAll ? frameWriterAmong(localOutputs) : null;
    const stores = [...(database === null ? [] : [database.sink()]), ...localOutputs];
    const targets = await hepTargets(options, env, false);
    const set = new SinkSet([...stores, ...targets]);
    const dispatcher = new Dispatcher({
      sinks: set.sinks,
      ledger,
      parse: true,
      outerIsOriginator: options.tunnel !== null,
      count: options.count,
      onCount: stop,
    });
    const scripted =
      script === null
        ? null
        : new ScriptedRun(script, {
            ledger,
            env,
            database,
            stores,
            targets,
            opening: options.sinks.hep,
            storeByDefault: (message) => dispatcher.dispatch(message),
            count: options.count,
            onCount: stop,
          });
    const decoder = decoderOf(options, ledger, env, (message) => (scripted ?? dispatcher).dispatch(message));
    const tell = () => {
      noteDrops(ledger, live);
      if (database !== null) ledger.undecoded = database.undecodedPackets;
      const input: RunSummary = {
        ledger,
        sinks: [...set.counts(), ...(scripted?.counts() ?? [])],
        uniform: scripted === null,
        inputs: live.summary(),
        inputKind: 'interfaces',
        unit: 'packets',
        seconds: (env.clock.monotonic() - began) / 1000,
      };
      writeSummary(input, options.summary, env.stderr);
    };
    const release = onSignals({ stop, report: tell });
    // While the only sink is so far behind that messages are lost, packets are better dropped before they are decoded.
    const alone = database !== null && set.sinks.length === 1 && scripted === null ? database : null;
    void live.start((frame) => {
      frameWriter?.frame(frame);
      if (alone === null || alone.hasRoom) return decoder.frame(frame);
      ledger.dropped.add('overload');
      return false;
    });
    const watch = new LossWatch(() => lossesOf(set, ledger), adviceFor(options), env.clock, env.log);
    if (options.durationSeconds > 0) setTimeout(stop, options.durationSeconds * 1000).unref();
    await stopped;
    watch.stop();
    await live.stop();
    await decoder.finish();
    await set.close();
    await scripted?.close();
    database?.note(ledger);
    release();
    if (!options.quiet) tell();
    return live.givenUp || database?.unreachable === true || lostSome(set, ledger) ? EXIT_UNREACHABLE : EXIT_DONE;
  } finally {
    await live.stop();
  }
}

interface Decoder {
  /** False where a sink is full, or the frame had no room. */
  frame(frame: Frame): boolean;
  finish(): void | Promise<void>;
}

/** In this thread, or in workers. */
function decoderOf(
  { ports, parseHep, rtcp, tunnel, workers, keepAll, sinks }: CaptureLiveOptions,
  ledger: Ledger,
  env: Environment,
  dispatch: (message: Message) => boolean,
): Decoder {
  const options = {
    ports,
    parseHep,
    tunnelTo: tunnel?.address,
    keepFrames: (sinks.write !== undefined && !keepAll) || sinks.hep.targets.length > 0,
  };
  if (workers > 0) return new DecodePool(workers, options, ledger, env.log, dispatch);
  return new FrameExtractor({ ...options, rtcp: rtcp ? new RtcpWatch() : undefined }, ledger, () => true, dispatch);
}

/** `--show-filter`: the kernel filter of each interface, or of an Ethernet one where none is named. */
export function showFilter(options: CaptureSelection & { interfaces: readonly string[]; filter: string }, env: Environment): number {
  const kinds = new Set<LinkKind>(options.interfaces.length === 0 ? ['ethernet'] : options.interfaces.map(linkKindOf));
  for (const kind of kinds) env.stdout.write(`${kernelFilter(options, kind)}\n`);
  return EXIT_DONE;
}

/** HEP carries the ports that are asked for within: to the kernel they are not to be seen; RTCP may come on any. */
function kernelFilter({ filter, ports, parseHep, rtcp, tunnel }: CaptureSelection & { filter: string }, kind: LinkKind): string {
  if (filter !== '') return filter;
  if (tunnel !== null) return tunnelFilter(tunnel, kind);
  return parseHep || rtcp ? '' : mirrorFilter(ports, kind);
}

/** Brings the counts of drops in the ledger up to those of the interfaces. */
function noteDrops(ledger: Ledger, live: LiveCapture): void {
  ledger.dropped.add('kernel', live.kernelDrops - ledger.dropped.get('kernel'));
  for (const [name, count] of [
    ['dropped_by_interface', live.interfaceDrops],
    ['captured_after_stop', live.afterStop],
    ['capture_process_died', live.restarts],
  ] as const) {
    if (count > 0) ledger.notes.add(name, count - ledger.notes.get(name));
  }
}
