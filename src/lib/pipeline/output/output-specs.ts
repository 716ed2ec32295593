/** The outputs that flags name. */
import { randomUUID } from 'node:crypto';
import { UsageError, hepEndpointText, type Environment, type HepEndpoint, type Ledger } from '../../base/index.js';
import { CaptureFileSink } from '../../sink/capture-file/capture-file-sink.js';
import { RotatingFile, rotates } from '../../sink/capture-file/rotating-file.js';
import { strftime } from '../../store/index.js';
import type { RepeatWindow } from '../../hep/index.js';
import type { MessageFilter } from '../message-filter.js';
import type { RunOptions } from '../options.js';
import type { DatabaseOptions } from './database-options.js';
import { Database } from './database-output.js';
import type { HepTargetOptions } from './hep-output.js';
import { leftSpecs } from './left-spools.js';
import { checkRenames } from './message-rows.js';
import type { OpenedOutput, OutputSpec } from './output.js';
import type { FileProgress } from './position-tracker.js';
import type { Outputs } from './outputs.js';
import { openTerminal } from './terminal-output.js';

export interface SpecContext {
  env: Environment;
  ledger: Ledger;
  /** The source cannot wait. */
  live: boolean;
  /** `-w` gets every frame from the intake, not those of messages. */
  everyFrame?: boolean;
  /** No script decides what is stored where. */
  unscripted?: boolean;
  /** Key required of packets that waited undecoded. */
  authKey?: string;
  /** Filters messages of packets that waited undecoded. */
  filter?: MessageFilter | null;
  /** What was received by identity; null or absent: repeats are not dropped. */
  repeats?: RepeatWindow | null;
  /** How many processes do the same; 1 by default. */
  processes?: number;
  /** Spools that nobody else delivers. */
  leftSpools?: readonly string[];
  /** Names of the source's files. */
  fileNames?: () => readonly string[];
  /** Called when the reader of an output has gone away. */
  onClosed: (name: string) => void;
  /** Given the database, where each file of the run resumes. */
  positions?: (database: Database) => Promise<FileProgress>;
}

/** Without any output: the terminal. */
export function outputSpecs(options: RunOptions, context: SpecContext): OutputSpec[] {
  const { sinks } = options;
  const { db, write, hep } = sinks;
  const { leftSpools: left = [], processes } = context;
  const specs: OutputSpec[] = [];
  checkRenames(sinks.renames);
  if (db !== undefined) {
    const { env, ledger, live, authKey, filter, repeats } = context;
    // With a limit, delivered messages stay delivered: positions must not advance past messages beyond the limit.
    const sole =
      context.unscripted === true &&
      options.count === 0 &&
      write === undefined &&
      (sinks.format ?? 'none') === 'none' &&
      hep.targets.length === 0;
    specs.push(databaseSpec('database', { sinks, env, live, ledger, authKey, sole, filter, repeats, processes }, context.positions));
    specs.push(
      ...leftSpecs(left, hep, (own) => [
        databaseSpec('database', { sinks: { ...sinks, hep: own }, env, live, ledger, authKey, filter, repeats }),
      ]),
    );
  }
  if (write !== undefined) specs.push(spec('file', 'store', [], () => openFile(options, context)));
  const format = sinks.format ?? (specs.length === 0 && hep.targets.length === 0 ? 'text' : 'none');
  if (format !== 'none' && write === '-')
    throw new UsageError(`-w - and --format ${format} would both write on standard output: leave one of them out, or give -w a file`);
  if (format !== 'none') specs.push(spec('output', 'store', [], () => openTerminal(format, options, context)));
  const targets = { ...hep, waits: !context.live };
  return [...specs, ...targetSpecs(targets, context.env), ...leftSpecs(left, targets, (own) => targetSpecs(own, context.env))];
}

/** A relay for each target, or one for all of them under failover and balance; loaded only where there are any. */
export function targetSpecs(options: HepTargetOptions, env: Environment, role: 'target' | 'script' = 'target'): OutputSpec[] {
  const groups = options.policy === 'all' ? options.targets.map((target) => [target]) : [[...options.targets]];
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({
      key: JSON.stringify([role, { ...options, targets: group }]),
      name: group.join(' '),
      role,
      holds: options.spool === '' ? [] : group.map((target) => `${options.spool} ${target}`),
      spool: options.spool,
      open: async () => {
        const { openHepTargets } = await import('./hep-output.js');
        const [sink] = await openHepTargets({ ...options, targets: group }, env);
        return { sink, relay: sink };
      },
    }));
}

export function databaseSpec(
  name: string,
  options: DatabaseOptions,
  positions?: (database: Database) => Promise<FileProgress>,
): OutputSpec {
  const { sinks, spoolName, authKey } = options;
  return {
    key: JSON.stringify([name, { ...sinks, hep: { ...sinks.hep, encoder: null } }, authKey]),
    name,
    role: 'store',
    holds: sinks.hep.spool === '' ? [] : [`${sinks.hep.spool} ${spoolName ?? ''}`],
    spool: sinks.hep.spool,
    open: async (legacy) => {
      const database = await Database.open(options, legacy);
      return { database, sink: database.sink(await positions?.(database)) };
    },
  };
}

function spec(name: string, role: 'store' | 'target', holds: readonly string[], open: () => Promise<OpenedOutput>): OutputSpec {
  return { key: `${name} ${randomUUID()}`, name, role, holds, open };
}

async function openFile({ sinks: { write, rotation } }: RunOptions, { env, onClosed, everyFrame }: SpecContext): Promise<OpenedOutput> {
  const file = { path: write!, stdout: env.stdout, log: env.log, onClosed: () => onClosed('file'), everyFrame: everyFrame ?? false };
  const sink = rotates(rotation)
    ? new RotatingFile(file, rotation, env.clock, (pattern, at) => strftime(pattern, new Date(at / 1000)))
    : new CaptureFileSink(file);
  return { sink, gathers: true, ...(everyFrame === true ? { frameWriter: sink } : {}) };
}

/** The target that a script names; the same text gives the same output. */
export async function openForScript(outputs: Outputs, endpoint: HepEndpoint, opening: HepTargetOptions, env: Environment) {
  const [spec] = targetSpecs({ ...opening, policy: 'all', targets: [hepEndpointText(endpoint)] }, env, 'script');
  return (await outputs.add(spec)).relay!;
}
