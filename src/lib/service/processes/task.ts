/** The work of one process of a group: a run like that of a single process, with sockets that it shares and a spool of its own. */
import { EXIT_BUG, processEnvironment, type Environment } from '../../base/index.js';
import { processSpool } from '../../pipeline/output/left-spools.js';
import { listenRun, type HepListenOptions } from '../hep/listen-run.js';
import { nodeRun } from './node-run.js';
import { ParentLink } from './parent-link.js';
import { plainError } from './plain-error.js';
import type { Place, ProcessReport, Task } from './protocol.js';
import { Reporter } from './reporter.js';
import type { TaskHooks } from './task-hooks.js';

/** After the parent is gone: beyond the time that outputs have. */
const ORPHAN_GRACE_MS = 5000;
const SIGN_EVERY_MS = 1000;

export function serveParent(): void {
  const hooks: TaskHooks = { onMessage: () => {}, reporter: null, isStopping: false };
  let drainSeconds = 0;
  const link = new ParentLink((message) => {
    if (message.kind === 'begin') {
      drainSeconds = message.task.kind === 'listen' ? message.task.options.drainSeconds : message.task.settings.drainSeconds;
      void perform(link, hooks, message.task, message.place);
    } else if (message.kind === 'report') void hooks.reporter?.report();
    else hooks.onMessage(message);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (hooks.isStopping = true));
  process.on('disconnect', () => {
    setTimeout(() => process.exit(EXIT_BUG), drainSeconds * 1000 + ORPHAN_GRACE_MS).unref();
    // The parent was killed: what waits is delivered, or goes to the spool.
    hooks.onMessage({ kind: 'decide', isAgreed: false });
    if (!hooks.isStopping) process.emit('SIGTERM', 'SIGTERM');
    if (hooks.reporter === null) process.exit(EXIT_BUG);
  });
  link.send({ kind: 'hello' });
  const signs = setInterval(() => {
    // Its reports are the signs of life of one that runs.
    if (hooks.reporter === null) link.send({ kind: 'starting' });
    else clearInterval(signs);
  }, SIGN_EVERY_MS);
  signs.unref();
}

async function perform(link: ParentLink, hooks: TaskHooks, task: Task, place: Place): Promise<void> {
  process.title = `sipcap: process ${place.index}`;
  const env: Environment = { ...processEnvironment(), log: link.log, colour: false };
  const last = (): ProcessReport | null => hooks.reporter?.last() ?? null;
  try {
    const code =
      task.kind === 'listen' ? await listen(task.options, env, place, link, hooks) : await nodeRun(task.settings, env, place, link, hooks);
    link.leave({ kind: 'ended', code, report: last() }, code);
  } catch (error) {
    link.leave({ kind: 'failed', error: plainError(error) }, EXIT_BUG);
  }
}

function listen(options: HepListenOptions, env: Environment, place: Place, link: ParentLink, hooks: TaskHooks): Promise<number> {
  const { sinks } = options;
  const own: HepListenOptions = {
    ...options,
    listening: { ...options.listening, accepted: link },
    sinks: { ...sinks, hep: { ...sinks.hep, spool: processSpool(sinks.hep.spool, place.index) } },
    // The parent's, for all of them.
    durationSeconds: 0,
    silentAfterSeconds: 0,
    quiet: true,
  };
  return listenRun(own, env, place, ({ source }) => async (running) => {
    hooks.reporter = new Reporter(link, running, source);
    hooks.reporter.start();
    if (hooks.isStopping) running.stop();
  });
}
