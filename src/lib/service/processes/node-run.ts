/** A node as one of several processes: told by its parent when to switch to other settings, and whether to store. */
import type { Environment } from '../../base/index.js';
import type { Settings } from '../../config/index.js';
import { CaptureNode } from '../../node/node.js';
import { processSpool } from '../../pipeline/output/left-spools.js';
import { Source } from '../../route/index.js';
import { createScriptPolicy } from '../../script/script-policy.js';
import { processLeavingRoot } from '../leaving-root.js';
import type { ParentLink } from './parent-link.js';
import type { Place } from './protocol.js';
import { Reporter } from './reporter.js';
import type { TaskHooks } from './task-hooks.js';

export function nodeRun(settings: Settings, env: Environment, place: Place, link: ParentLink, hooks: TaskHooks): Promise<number> {
  const first = settingsOf(settings, place, link);
  const node: CaptureNode = new CaptureNode(first, env, createScriptPolicy, {
    quiet: true,
    summary: 'none',
    place,
    onOpen: processLeavingRoot(first),
    onReady: async (running) => {
      const inputs = { updateLosses: () => node.noteDrops(), inputs: () => node.summary().inputs };
      hooks.reporter = new Reporter(link, running!, inputs, () => ({
        methods: node.tally.methods.toJSON(),
        statuses: node.tally.statuses.toJSON(),
        statistics: node.scriptMemory.statistics.entries(),
        media: node.media(),
      }));
      hooks.reporter.start();
      if (hooks.isStopping) running!.stop();
    },
  });
  let decide: (isAgreed: boolean) => void = () => {};
  const reload = async (changed: Settings, number: number) => {
    const decision = new Promise<boolean>((resolve) => (decide = resolve));
    let isPrepared = false;
    const why = await node.reload(settingsOf(changed, place, link), async () => {
      isPrepared = true;
      link.send({ kind: 'prepared', why: '', number });
      if (!(await decision)) throw new Error('another process cannot apply it');
    });
    link.send({ kind: isPrepared ? 'switched' : 'prepared', why, number });
  };
  hooks.onMessage = (message) => {
    if (message.kind === 'capture') node.captureOn = message.on;
    else if (message.kind === 'decide') decide(message.isAgreed);
    else if (message.kind === 'prepare')
      reload(message.settings, message.number).catch((error: Error) =>
        env.log.error(`internal error, reload: ${error.stack ?? error.message}`),
      );
  };
  return node.run();
}

/** Interfaces are the first one's, the spool is its own, and silent inputs are the parent's to notice. */
function settingsOf(settings: Settings, { index }: Place, link: ParentLink): Settings {
  const { script, listening, relay, live } = settings;
  return {
    ...settings,
    // A message between processes carries data only.
    script: script === null ? null : { ...script, source: sourceOf(script.source) },
    listening: { ...listening, accepted: link },
    relay: { ...relay, spool: processSpool(relay.spool, index) },
    live: index === 0 ? live : [],
    silentAfterSeconds: 0,
  };
}

function sourceOf({ name, text, firstLine, indent, parts, commented }: Source): Source {
  return Object.assign(new Source(name, text, firstLine, indent), { parts, commented });
}
