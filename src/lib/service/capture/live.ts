/** `capture -i`: interfaces, until stopped. */
import { UsageError, EXIT_DONE, type Environment } from '../../base/index.js';
import { linkKindOf, type LinkKind } from '../../capture/live/index.js';
import { InterfaceSource, kernelFilter } from '../../pipeline/input/interface-source.js';
import { accountOf, checkWritable, dropTo, outputPaths } from '../../pipeline/privileges.js';
import { run } from '../../pipeline/run.js';
import { readFilter } from '../../script/filter/index.js';
import { planOf } from '../plan.js';
import { readChoice } from '../route/script-choice.js';
import { selectionOf, type CaptureOptions } from './selection.js';

export interface CaptureLiveOptions extends CaptureOptions {
  /** Names of interfaces; `any` is all of them. */
  interfaces: readonly string[];
  /** The operator's own kernel filter, '' for the generated one. */
  filter: string;
  promiscuous: boolean;
  snapLength: number;
  bufferBytes: number;
  /** Seconds that an interface may be down; 0 waits forever. */
  giveUpSeconds: number;
  /** Threads that decode; 0 decodes in the main one. */
  workers: number;
  /** The user to switch to once the capture processes run, '' for none. */
  user: string;
}

export async function captureLive(options: CaptureLiveOptions, env: Environment): Promise<number> {
  const { workers, user, keepAll } = options;
  const { rtcp, rtp } = options;
  if (workers > 0 && (rtcp || rtp))
    throw new UsageError(`${rtcp ? '--rtcp' : '--rtp'} needs the calls of all flows in one place: leave --workers out`);
  const account = user === '' ? null : accountOf(user);
  const script = await readChoice(options.route, env);
  const filter = readFilter(options.select, env);
  const source = new InterfaceSource({ ...options, selection: selectionOf(options, { workers, isLive: true }) }, env);
  const onOpen = () => {
    if (account === null) return;
    dropTo(account.name);
    checkWritable(outputPaths({ ...options.sinks, spool: options.sinks.hep.spool }));
  };
  return run({ ...planOf(options, { env, script, filter, live: true, everyFrame: keepAll }), source, onOpen }, env);
}

/** `--show-filter`: the kernel filter of each interface, or of an Ethernet one if none is given. */
export function showFilter(options: CaptureOptions & { interfaces: readonly string[]; filter: string }, env: Environment): number {
  const kinds = new Set<LinkKind>(options.interfaces.length === 0 ? ['ethernet'] : options.interfaces.map(linkKindOf));
  for (const kind of kinds) env.stdout.write(`${kernelFilter({ ...options, rtcp: options.rtcp || options.rtp }, kind)}\n`);
  return EXIT_DONE;
}
