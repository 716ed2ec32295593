/** `hep listen`: HEP off sockets into the sinks, until stopped. */
import { UsageError, hepEndpointText, parseHepEndpoint, type HepEndpoint } from '../base/index.js';
import { HepStreamListener, HepUdpListener } from '../capture/hep/index.js';
import { Database } from './database.js';
import { Dispatcher } from './dispatcher.js';
import { EXIT_DONE, EXIT_UNREACHABLE } from './exit-codes.js';
import { HepPipeline } from './hep-pipeline.js';
import { Ledger } from './ledger.js';
import type { RunOptions, Surroundings } from './run-options.js';
import { onSignals } from './signals.js';
import { openViews, SinkSet } from './sink-set.js';
import { sumsJson, sumsText, type SumsInput } from './sums.js';

export interface HepListenOptions extends RunOptions {
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
}

/** Rows that wait in memory while the database is slow or away; beyond, messages are lost and counted. */
const MOST_ROWS = 60_000;

export async function hepListen(options: HepListenOptions, around: Surroundings): Promise<number> {
  const ledger = new Ledger();
  const began = around.clock.monotonic();
  const listeners = options.listeners.map((text) => listenerFor(parseHepEndpoint(text), around));
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const database = options.sinks.db === undefined ? null : await Database.open({ sinks: options.sinks, around, giveUpMs: Infinity, mostRows: MOST_ROWS });
  const views = await openViews(options, around, stop);
  const set = new SinkSet(database === null ? views : [database.sink(), ...views]);
  const dispatcher = new Dispatcher({ sinks: set.sinks, ledger, parse: true, count: options.count, onCount: stop });
  const pipeline = new HepPipeline(ledger, (message) => dispatcher.dispatch(message));
  const tell = () => {
    const input: SumsInput = {
      ledger, sinks: set.counts(), inputs: listeners.map((listener) => listener.sums()), inputKind: 'listeners', unit: 'HEP packets',
      seconds: (around.clock.monotonic() - began) / 1000,
    };
    around.stderr.write(options.stats === 'json' ? `${JSON.stringify(sumsJson(input))}\n` : sumsText(input));
  };
  const release = onSignals({ stop, report: tell });
  for (const listener of listeners) await opened(listener);
  for (const listener of listeners) void listener.start((arrival) => pipeline.arrival(arrival), dispatcher);
  await stopped;
  for (const listener of listeners) {
    await listener.stop();
    if (listener instanceof HepUdpListener) ledger.dropped.add('socket_buffer', await listener.drops());
    else noteLosses(listener, ledger);
  }
  pipeline.finish();
  await set.close();
  if (database !== null) for (const [column, count] of database.rows.cuts.entries()) ledger.notes.add(column, count);
  release();
  if (!options.quiet) tell();
  return database?.unreachable === true ? EXIT_UNREACHABLE : EXIT_DONE;
}

type Listener = HepUdpListener | HepStreamListener;

function listenerFor(endpoint: HepEndpoint, around: Surroundings): Listener {
  switch (endpoint.transport) {
    case 'udp': return new HepUdpListener(endpoint, around.clock, around.log);
    case 'tcp': return new HepStreamListener(endpoint, around.clock, around.log);
    default: throw new UsageError(`${hepEndpointText(endpoint)}: hep listen takes hep_udp and hep_tcp`);
  }
}

async function opened(listener: Listener): Promise<void> {
  try {
    await listener.open();
  } catch (error) {
    throw new UsageError(`cannot listen on ${listener.name}: ${(error as Error).message}`);
  }
}

function noteLosses(listener: HepStreamListener, ledger: Ledger): void {
  for (const [name, count] of Object.entries(listener.losses)) if (count > 0) ledger.notes.add(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), count);
}
