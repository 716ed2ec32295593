/** `hep relay`: HEP from listeners (until stopped), files, standard input or spools (to their end) to other nodes. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  EXIT_DONE,
  EXIT_UNREACHABLE,
  UsageError,
  hepEndpointText,
  parseHepEndpoint,
  type Environment,
  type HepEndpoint,
} from '../../base/index.js';
import { RepeatWindow, isRefusal, parseChunkName, parseSet } from '../../hep/index.js';
import { HepFileSource } from '../../pipeline/input/hep-file-source.js';
import type { ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { ListenerSource } from '../../pipeline/input/listener-source.js';
import type { RouteChoice } from '../../pipeline/options.js';
import { relayOptions, type HepTargetOptions } from '../../pipeline/output/hep-output.js';
import { targetSpecs } from '../../pipeline/output/output-specs.js';
import { PacketRelay, type HepEdit } from '../../pipeline/packet-relay.js';
import { run, type Running } from '../../pipeline/run.js';
import { readFilter, type FilterOptions } from '../../script/filter/index.js';
import type { SummaryForm } from '../../pipeline/summary.js';
import { RelaySink, isSpoolName, spoolName, targetGroups } from '../../sink/relay/index.js';
import { expectSpoolFolder } from '../../sink/spool/index.js';
import { handlerOf } from '../plan.js';
import { readChoice } from '../route/script-choice.js';
import { keepNewSpaceSmall } from './small-heap.js';

export interface HepRelayOptions {
  /** Listeners, files, `-`; of one kind. */
  from: readonly string[];
  to: HepTargetOptions;
  listening: ListenerSettings;
  /** Selects packets by their messages. */
  select: FilterOptions;
  /** In the order they were given: `set` with its text, or `del`. */
  edits: readonly { kind: 'set' | 'del'; text: string }[];
  upgrade: boolean;
  /** Relay what a sender repeats, too. */
  acceptRepeats: boolean;
  /** A script that decides; null relays everything. */
  route: RouteChoice | null;
  /** Only send the backlog of the spools, and exit. */
  drain: boolean;
  /** Seconds to wait for an unreachable target before a finite run ends. */
  patienceSeconds: number;
  /** Seconds that targets have to finish once it is stopping. */
  drainSeconds: number;
  silentAfterSeconds: number;
  quiet: boolean;
  summary: SummaryForm;
}

export async function hepRelay(options: HepRelayOptions, env: Environment): Promise<number> {
  const { from, listening, upgrade, quiet, summary } = options;
  if (options.drain) return drain(options, env);
  const edits = options.edits.map(readEdit);
  if (options.route !== null && (edits.length > 0 || upgrade))
    throw new UsageError('--route excludes --set, --del and --hep-version: the script does that');
  const live = areListeners(from);
  const script = await readChoice(options.route, env);
  const to = { ...options.to, waits: !live };
  if (live && script === null) keepNewSpaceSmall();
  const handler = (running: Running) => {
    const { captureId } = to.encoder;
    if (script === null)
      running.intake.usePackets(
        new PacketRelay(
          { edits, upgrade, captureId, keyed: to.policy === 'balance', identity: to.identity ?? 'made', repeats: running.outputs.repeats },
          running.ledger,
        ),
      );
    return handlerOf(running, script, to, env);
  };
  return run(
    {
      source: live ? new ListenerSource(from, listening, env, to.targets) : new HepFileSource(from, env),
      outputs: () => targetSpecs(to, env),
      handler,
      filter: readFilter(options.select, env),
      undecoded: false,
      repeats: live && !options.acceptRepeats ? new RepeatWindow() : null,
      count: 0,
      durationSeconds: 0,
      drainSeconds: options.drainSeconds,
      silentAfterSeconds: options.silentAfterSeconds,
      advice: () => (to.spool === '' ? 'use --spool DIR to keep them' : ''),
      quiet,
      logsProblems: true,
      summary,
      uniform: script === null,
    },
    env,
  );
}

/** Listeners or files, not both at once. */
function areListeners(from: readonly string[]): boolean {
  const isListener = from.map((text) => /^(?:hep_)?(?:udp|tcp|tls):/i.test(text));
  if (isListener.includes(true) && isListener.includes(false)) throw new UsageError('--from takes listeners or files, not both at once');
  return isListener[0] === true;
}

/** `--drain`: the backlog of the spools, and nothing else. */
async function drain(options: HepRelayOptions, env: Environment): Promise<number> {
  if (options.to.spool === '') throw new UsageError('--drain needs --spool DIR: it sends what waits there');
  const endpoints = options.to.targets.map(parseHepEndpoint);
  expectSpools(options.to, endpoints);
  const relay = await RelaySink.open(relayOptions(endpoints, { ...options.to, waits: true }, env));
  const results = await relay.drain(options.patienceSeconds * 1000);
  await relay.close();
  const counts = relay.counts();
  results.forEach((result, i) => {
    const { target, lastError, lost, reasons } = counts[i];
    if (!options.quiet || result.backlog > 0 || lost > 0)
      env.stderr.write(
        `${target}: ${result.sent} sent, ${result.backlog} wait, ${lost} lost${lossReasons(reasons)}${result.backlog > 0 ? ` (${lastError === '' ? 'target away' : lastError}); they are kept in ${options.to.spool}` : ''}\n`,
      );
  });
  return results.some(({ backlog }, i) => backlog + counts[i].lost > 0) ? EXIT_UNREACHABLE : EXIT_DONE;
}

/** Throws where a target has no spool: mistyped, it would report 0 sent. */
function expectSpools({ spool, policy }: HepTargetOptions, targets: HepEndpoint[]): void {
  expectSpoolFolder(spool);
  const missing = targetGroups({ targets, policy }).find((group) => !existsSync(join(spool, spoolName(group))));
  if (missing === undefined) return;
  const found = readdirSync(spool).filter(isSpoolName);
  const held = found.length === 0 ? '' : `; it holds ${found.join(', ')}`;
  throw new UsageError(`no spool of ${missing.map(hepEndpointText).join(' or ')} in ${spool}${held}`);
}

function lossReasons(reasons: Readonly<Record<string, number>>): string {
  const entries = Object.entries(reasons);
  return entries.length === 0 ? '' : ` (${entries.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
}

function readEdit({ kind, text }: { kind: 'set' | 'del'; text: string }): HepEdit {
  const read = kind === 'set' ? parseSet(text, {}) : parseChunkName(text);
  if (isRefusal(read)) throw new UsageError(`--${kind} ${text}: ${read.refused}`);
  return kind === 'set' ? { set: read as never } : { del: read as never };
}
