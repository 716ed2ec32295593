/** `serve`: a capture node from a configuration file, for months. */
import { UsageError, EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, type Environment } from '../base/index.js';
import { accountOf, existing, handOver, outputPaths } from '../pipeline/privileges.js';
import { createScriptPolicy } from '../script/script-policy.js';
import { checkRoutes } from '../script/check-routes.js';
import { loadSettings, type Flag, type LoadedSettings } from '../config/index.js';
import type { ManagedNode } from '../admin/mi/commands.js';
import { onSignals } from '../pipeline/signals.js';
import { Systemd } from '../node/systemd.js';
import { writeSummary, type SummaryForm } from '../pipeline/summary.js';
import { Management } from '../node/management.js';
import { nodeLog, type NodeLog } from '../node/node-log.js';
import { restartNeeded } from '../node/restart-needed.js';
import { CaptureNode } from '../node/node.js';

export interface ServeOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly Flag[];
  /** Of this program, for `version`. */
  version: string;
  quiet: boolean;
  summary: SummaryForm;
}

export async function serve(options: ServeOptions, outside: Environment): Promise<number> {
  const loaded = read(options);
  outside.stderr.write(loaded.report);
  if (loaded.settings === null) return EXIT_USAGE;
  const { settings } = loaded;
  const log = await nodeLog(settings.log, outside.stderr as never);
  const env: Environment = { ...outside, log };
  const account = settings.user === '' ? null : accountOf(settings.user);
  const paths = [
    ...settings.databases.flatMap((own) => outputPaths({ ...own, spool: settings.relay.spool })),
    ...Management.paths(settings),
  ];
  const before = new Set(paths.flatMap(existing));
  const began = env.clock.monotonic();
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const systemd = new Systemd(options.environment, env.log);
  const node = await CaptureNode.start(settings, env, createScriptPolicy, stop);
  const reload = (): Promise<string> => reloaded(options, env, node, systemd, management, log);
  const management: Management = new Management(
    node,
    managedNode(node, () => (env.clock.monotonic() - began) / 1000, options.version, reload),
    env.clock,
    env.log,
  );
  try {
    await management.open(settings);
    if (account !== null) handOver(account, paths, before);
  } catch (error) {
    await management.close();
    await node.stop();
    throw error;
  }
  const tell = () => {
    const input = {
      ...node.summary(),
      inputKind: 'inputs',
      unit: 'packets',
      seconds: (env.clock.monotonic() - began) / 1000,
      uniform: false,
    };
    writeSummary(input, options.summary, env.stderr);
  };
  const release = onSignals({ stop, report: () => void node.noteDrops().then(tell) });
  const hangUp = () => void reload();
  process.on('SIGHUP', hangUp);
  env.log.info(`serving ${options.file}`);
  systemd.ready(`serving ${options.file}`);
  await stopped;
  systemd.stopping();
  process.off('SIGHUP', hangUp);
  await management.close();
  await node.stop();
  release();
  if (!options.quiet) tell();
  return node.outputs.unreachable || node.outputs.closed.some(({ counts }) => counts.waiting + counts.lost > 0)
    ? EXIT_UNREACHABLE
    : EXIT_DONE;
}

function managedNode(node: CaptureNode, uptimeSeconds: () => number, version: string, reload: () => Promise<string>): ManagedNode {
  return {
    get captureOn() {
      return node.captureOn;
    },
    set captureOn(on) {
      node.captureOn = on;
    },
    version,
    uptimeSeconds,
    reload,
    statistics() {
      const { ledger, sinks } = node.summary();
      const all: Record<string, number> = {
        'sipcapture:received': ledger.received,
        'sipcapture:found': ledger.found,
        'sipcapture:delivered': ledger.delivered,
        'sipcapture:dropped': ledger.dropped.total(),
        'sipcapture:rejected': ledger.rejected.total(),
        'sipcapture:filtered': ledger.filtered.total(),
        'sipcapture:kept': ledger.undecoded,
      };
      for (const { sink, counts } of sinks) {
        const name = sink.replaceAll(' ', '_');
        for (const key of ['delivered', 'written', 'refused', 'waiting', 'lost'] as const)
          all[`${name}:${key}`] = (all[`${name}:${key}`] ?? 0) + counts[key];
      }
      return all;
    },
    spool() {
      return Object.fromEntries([
        ['undecoded packets', node.outputs.undecodedPackets],
        ...node.outputs.counts().map(({ sink, counts }) => [sink, counts.waiting] as const),
      ]);
    },
  };
}

/** Reads the file again; '' when it is in force. With mistakes the old configuration goes on. */
async function reloaded(
  options: ServeOptions,
  env: Environment,
  node: CaptureNode,
  systemd: Systemd,
  management: Management,
  log: NodeLog,
): Promise<string> {
  const refuse = (why: string) => {
    env.log.error(`cannot apply configuration: ${why}; keeping the previous one`);
    return why;
  };
  let loaded: LoadedSettings;
  try {
    loaded = read(options);
  } catch (error) {
    return refuse((error as Error).message);
  }
  env.stderr.write(loaded.report);
  if (loaded.settings === null) return refuse(`${options.file} has errors`);
  const { settings } = loaded;
  const before = node.current;
  systemd.reloading();
  let why: string;
  try {
    const prepared = await management.prepare(settings);
    why = await node.reload(settings);
    if (why !== '') await prepared.abandon();
    else {
      prepared.commit();
      await log.apply(settings.log);
      for (const name of restartNeeded(before, settings)) log.warn(`${name} has changed: restart the node to apply it`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    why = refuse(error.message);
  }
  systemd.ready(`serving ${options.file}`);
  return why;
}

function read({ file, environment, flags }: ServeOptions): LoadedSettings {
  try {
    return loadSettings({ file, environment, flags, checkRoutes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
