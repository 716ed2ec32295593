/** `serve`: a capture node from a configuration file, for months. */
import { UsageError } from '../../base/index.js';
import { EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE } from '../exit-codes.js';
import { dropTo } from '../privileges.js';
import type { Surroundings } from '../run-options.js';
import { loadSettings, type Flag, type LoadedSettings } from '../settings/index.js';
import { onSignals } from '../signals.js';
import { sumsJson, sumsText } from '../sums.js';
import { CaptureNode, type MakePolicy } from './node.js';

export interface ServeOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly Flag[];
  quiet: boolean;
  stats: 'text' | 'json';
}

const noPolicy: MakePolicy = () => null;

export async function serve(options: ServeOptions, around: Surroundings): Promise<number> {
  const loaded = read(options);
  around.stderr.write(loaded.report);
  if (loaded.settings === null) return EXIT_USAGE;
  const { settings } = loaded;
  const began = around.clock.monotonic();
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const node = await CaptureNode.start(settings, around, noPolicy, stop);
  if (settings.user !== '') dropTo(settings.user);
  const tell = () => {
    const input = { ...node.sums(), inputKind: 'inputs', unit: 'packets', seconds: (around.clock.monotonic() - began) / 1000, uniform: false };
    around.stderr.write(options.stats === 'json' ? `${JSON.stringify(sumsJson(input))}\n` : sumsText(input));
  };
  const release = onSignals({ stop, report: () => void node.noteDrops().then(tell) });
  const reload = () => void reloaded(options, around, node);
  process.on('SIGHUP', reload);
  around.log.info(`serving ${options.file}`);
  await stopped;
  process.off('SIGHUP', reload);
  await node.stop();
  release();
  if (!options.quiet) tell();
  return node.outlets.unreachable || node.outlets.closed.some(({ counts }) => counts.waiting + counts.lost > 0) ? EXIT_UNREACHABLE : EXIT_DONE;
}

/** Reads the file again; with mistakes the old configuration goes on. */
async function reloaded(options: ServeOptions, around: Surroundings, node: CaptureNode): Promise<void> {
  let loaded: LoadedSettings;
  try {
    loaded = read(options);
  } catch (error) {
    around.log.error(`${(error as Error).message}; the old configuration goes on`);
    return;
  }
  around.stderr.write(loaded.report);
  if (loaded.settings === null) around.log.error(`${options.file} has mistakes: the old configuration goes on`);
  else await node.reload(loaded.settings);
}

function read({ file, environment, flags }: ServeOptions): LoadedSettings {
  try {
    return loadSettings({ file, environment, flags });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
