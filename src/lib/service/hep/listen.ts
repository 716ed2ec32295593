/** `hep listen`: HEP off sockets into the sinks, until stopped. */
import { parseHepEndpoint, EXIT_DONE, EXIT_UNREACHABLE, Ledger, type Environment } from '../../base/index.js';
import { Database } from '../../pipeline/output/database-output.js';
import { Dispatcher } from '../../pipeline/dispatcher.js';
import {
  closeListener,
  listenerFor,
  openListener,
  reloadCertificates,
  socketDropsOf,
  startListener,
  type ListenerSettings,
} from '../../pipeline/input/hep-listeners.js';
import { HepExtractor } from '../../extract/hep-extractor.js';
import { LossWatch, adviceFor, lossesOf, lostSome } from '../../pipeline/loss-monitor.js';
import type { RunOptions } from '../../pipeline/options.js';
import { onSignals } from '../../pipeline/signals.js';
import { ScriptedRun } from '../../script/scripted-run.js';
import { readChoice } from '../route/script-choice.js';
import { hepTargets, openLocalOutputs, SinkSet } from '../../pipeline/output/outputs.js';
import { writeSummary, type RunSummary } from '../../pipeline/summary.js';

export interface HepListenOptions extends RunOptions {
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
  listening: ListenerSettings;
  /** Packets without this key are refused; '' takes everybody's. */
  authKey: string;
}

export async function hepListen(options: HepListenOptions, env: Environment): Promise<number> {
  const ledger = new Ledger();
  const began = env.clock.monotonic();
  const listeners = options.listeners.map((text) => listenerFor(parseHepEndpoint(text), options.listening, env));
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const script = options.route === null ? null : await readChoice(options.route, env);
  const database =
    options.sinks.db === undefined
      ? null
      : await Database.open({ sinks: options.sinks, env, live: true, ledger, authKey: options.authKey });
  const localOutputs = await openLocalOutputs(options, env, stop);
  const stores = [...(database === null ? [] : [database.sink()]), ...localOutputs];
  const targets = await hepTargets(options, env, false);
  const set = new SinkSet([...stores, ...targets]);
  const dispatcher = new Dispatcher({
    sinks: set.sinks,
    ledger,
    parse: true,
    publishedReports: database !== null,
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
  const pipeline = new HepExtractor(
    ledger,
    (message) => (scripted ?? dispatcher).dispatch(message),
    options.authKey === '' ? {} : { authKey: Buffer.from(options.authKey) },
    roomOf(database, set),
  );
  // With another sink, or a limit, every packet is decoded as it comes.
  const diverted = set.sinks.length === 1 && options.count === 0 && scripted === null ? database : null;
  const tell = () => {
    if (database !== null) ledger.undecoded = database.undecodedPackets;
    const input: RunSummary = {
      ledger,
      sinks: [...set.counts(), ...(scripted?.counts() ?? [])],
      uniform: scripted === null,
      inputs: listeners.map((listener) => listener.summary()),
      inputKind: 'listeners',
      unit: 'HEP packets',
      seconds: (env.clock.monotonic() - began) / 1000,
    };
    writeSummary(input, options.summary, env.stderr);
  };
  const release = onSignals({ stop, report: tell });
  const hangUp = () => reloadCertificates(listeners, options.listening, env);
  process.on('SIGHUP', hangUp);
  try {
    for (const listener of listeners) await openListener(listener);
  } catch (error) {
    for (const listener of listeners) await listener.stop();
    await set.close();
    await scripted?.close();
    throw error;
  }
  // UDP waits for nobody but a database that is the only sink and has no spool: what waits undecoded waits cheaply.
  const udpGate = diverted !== null && options.sinks.hep.spool === '' ? dispatcher : null;
  for (const listener of listeners)
    startListener(listener, (arrival) => diverted?.takeUndecoded(arrival) === true || pipeline.arrival(arrival), dispatcher, udpGate);
  const watch = new LossWatch(
    async () => ({ ...lossesOf(set, ledger), 'at the socket': await socketDropsOf(listeners) }),
    adviceFor(options),
    env.clock,
    env.log,
  );
  if (options.durationSeconds > 0) setTimeout(stop, options.durationSeconds * 1000).unref();
  await stopped;
  watch.stop();
  for (const listener of listeners) await closeListener(listener, ledger);
  process.off('SIGHUP', hangUp);
  pipeline.finish();
  await set.close();
  await scripted?.close();
  database?.note(ledger);
  release();
  if (!options.quiet) tell();
  return database?.unreachable === true || lostSome(set, ledger) ? EXIT_UNREACHABLE : EXIT_DONE;
}

/** Where the database is the only sink, its being behind decides. */
function roomOf(database: Database | null, { sinks }: SinkSet): (() => boolean) | undefined {
  return database !== null && sinks.length === 1 ? () => database.hasRoom : undefined;
}
