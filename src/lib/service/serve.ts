/** `serve`: a capture node from a configuration file, for months. */
import { EXIT_USAGE, UsageError, type Environment } from '../base/index.js';
import { dropTo } from '../pipeline/privileges.js';
import { createScriptPolicy } from '../script/script-policy.js';
import { checkRoutes } from '../script/check-routes.js';
import { loadSettings, type Flag, type LoadedSettings } from '../config/index.js';
import type { ManagedNode } from '../admin/mi/commands.js';
import { Systemd } from '../node/systemd.js';
import { Management } from '../node/management.js';
import { nodeLog } from '../node/node-log.js';
import { CaptureNode } from '../node/node.js';

export interface ServeOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly Flag[];
  /** Of this program, for `version`. */
  version: string;
  quiet: boolean;
  stats: 'text' | 'json';
}

export async function serve(options: ServeOptions, outside: Environment): Promise<number> {
  const loaded = read(options);
  outside.stderr.write(loaded.report);
  if (loaded.settings === null) return EXIT_USAGE;
  const { settings } = loaded;
  const env: Environment = { ...outside, log: await nodeLog(settings.log, outside.stderr as never) };
  const began = env.clock.monotonic();
  const systemd = new Systemd(options.environment, env.log);
  const hangUp = () => void reload();
  const node = new CaptureNode(settings, env, createScriptPolicy, {
    quiet: options.quiet,
    stats: options.stats,
    onReady: async () => {
      await management.open(settings);
      if (settings.user !== '') dropTo(settings.user);
      process.on('SIGHUP', hangUp);
      env.log.info(`serving ${options.file}`);
      systemd.ready(`serving ${options.file}`);
    },
    onStopping: async () => {
      systemd.stopping();
      process.off('SIGHUP', hangUp);
      await management.close();
    },
  });
  const reload = () => reloaded(options, env, node, systemd);
  const uptimeSeconds = () => (env.clock.monotonic() - began) / 1000;
  const management = new Management(node, managedNode(node, uptimeSeconds, options.version, reload), env.clock, env.log);
  return node.run();
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
async function reloaded(options: ServeOptions, env: Environment, node: CaptureNode, systemd: Systemd): Promise<string> {
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
  if (loaded.settings === null) return refuse(`${options.file} has mistakes`);
  systemd.reloading();
  const why = await node.reload(loaded.settings);
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
