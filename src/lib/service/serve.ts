/** `serve`: runs a capture node from a configuration file. */
import { EXIT_USAGE, UsageError, systemErrorText, type Environment } from '../base/index.js';
import { createScriptPolicy } from '../script/script-policy.js';
import { checkRoutes } from '../script/check-routes.js';
import { loadSettings, type Flag, type LoadedSettings } from '../config/index.js';
import type { SummaryForm } from '../pipeline/summary.js';
import { Systemd } from '../node/systemd.js';
import { Management } from '../node/management.js';
import { nodeLog, type NodeLog } from '../node/node-log.js';
import { restartNeeded } from '../node/restart-needed.js';
import { CaptureNode, type NodeOptions } from '../node/node.js';
import { leavingRoot } from './leaving-root.js';
import { managedNode } from './managed-node.js';
import { processesOf } from './processes/cores.js';
import { GroupNode } from './processes/group-node.js';
import { ReloadQueue } from './reload-queue.js';

export interface ServeOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly Flag[];
  /** Version of this program, for `version`. */
  version: string;
  quiet: boolean;
  summary: SummaryForm;
}

/** Errors of a configuration that the reply to `reload` shows. */
const SHOWN_ERRORS = 3;

export async function serve(options: ServeOptions, outside: Environment): Promise<number> {
  const loaded = read(options);
  if (loaded.settings === null) {
    outside.stderr.write(loaded.report);
    return EXIT_USAGE;
  }
  const { settings } = loaded;
  const log = await nodeLog(settings.log, outside.stderr as never);
  report(loaded, log, outside);
  const env = { ...outside, log };
  const count = processesOf(settings, log);
  const became = leavingRoot(settings, count);
  const began = env.clock.monotonic();
  const systemd = new Systemd(options.environment, env.log);
  const reloads = new ReloadQueue(() => reloaded(options, env, node, systemd, management), env.log);
  const nodeOptions: NodeOptions = {
    quiet: options.quiet,
    summary: options.summary,
    onOpen: became,
    onReady: async () => {
      listening.commit();
      env.log.info(`serving ${options.file}`);
      systemd.ready(`serving ${options.file}`);
      reloads.serve();
    },
    onReload: async (changed) => {
      await log.apply(changed.log);
      return restartNeeded(settings, changed);
    },
    onStopping: async () => {
      systemd.stopping();
      reloads.end();
      await management.close();
    },
  };
  const node =
    count > 1 ? new GroupNode(settings, env, nodeOptions, count) : new CaptureNode(settings, env, createScriptPolicy, nodeOptions);
  const uptimeSeconds = () => (env.clock.monotonic() - began) / 1000;
  const management: Management = new Management(
    node,
    managedNode(node, uptimeSeconds, options.version, () => reloads.request()),
    env.clock,
    env.log,
  );
  // Opened as root, active once the node runs.
  const listening = await management.prepare(settings);
  try {
    return await node.run();
  } finally {
    reloads.release();
    await listening.abandon();
    await management.close();
  }
}

/** Reads the file again; '' when it is applied, else why the previous configuration stays. */
async function reloaded(
  options: ServeOptions,
  env: Environment & { log: NodeLog },
  node: Pick<CaptureNode, 'reload'>,
  systemd: Systemd,
  management: Management,
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
  report(loaded, env.log, env);
  if (loaded.settings === null) return refuse(`${options.file} has errors: ${firstErrors(loaded)}`);
  systemd.reloading();
  try {
    const listening = await management.prepare(loaded.settings);
    const why = await node.reload(loaded.settings);
    if (why === '') listening.commit();
    else await listening.abandon();
    return why;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuse(error.message);
  } finally {
    systemd.ready(`serving ${options.file}`);
  }
}

/** The diagnostics of the file: with source lines in a text log, else one entry each. */
function report({ report: text, problems }: LoadedSettings, log: NodeLog, { stderr }: Environment): void {
  if (log.isText) stderr.write(text);
  else
    for (const { severity, text: problem, repair } of problems) {
      const line = repair === '' ? problem : `${problem}; ${repair}`;
      if (severity === 'error') log.error(line);
      else if (severity === 'warning') log.warn(line);
      else log.info(line);
    }
}

/** For the requester of the reload, who may not see the log. */
function firstErrors({ problems }: LoadedSettings): string {
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ text }) => text);
  const more = errors.length > SHOWN_ERRORS ? `; ${errors.length - SHOWN_ERRORS} more` : '';
  return errors.slice(0, SHOWN_ERRORS).join('; ') + more;
}

function read({ file, environment, flags }: ServeOptions): LoadedSettings {
  try {
    return loadSettings({ file, environment, flags, checkRoutes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot read ${file}: ${systemErrorText(error)}`);
  }
}
