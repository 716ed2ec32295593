/** `capture -r`: capture files as one stream in time order. */
import type { Environment } from '../../base/index.js';
import { CaptureFileSource } from '../../pipeline/input/capture-file-source.js';
import type { MessageFilter } from '../../pipeline/message-filter.js';
import { run } from '../../pipeline/run.js';
import { readFilter } from '../../script/filter/index.js';
import { planOf } from '../plan.js';
import { readChoice } from '../route/script-choice.js';
import { selectionOf, type CaptureOptions } from './selection.js';

export interface CaptureFilesOptions extends CaptureOptions {
  /** Paths and globs; `-` is standard input. */
  files: readonly string[];
  /** Store everything again, whatever was stored before. */
  again: boolean;
}

export async function captureFiles(options: CaptureFilesOptions, env: Environment): Promise<number> {
  const { sinks, files, keepAll, again } = options;
  const script = await readChoice(options.route, env);
  const filter = readFilter(options.select, env);
  const selection = selectionOf(options, { workers: 0, isLive: false });
  const source = new CaptureFileSource({ files, selection, write: sinks.write, digests: sinks.db !== undefined }, env);
  const settings = settingsKey(options, script?.text, filter);
  return run(
    {
      ...planOf(options, {
        env,
        script,
        filter,
        live: false,
        everyFrame: keepAll,
        positions: (database) => source.resume(database, settings, again),
      }),
      source,
    },
    env,
  );
}

/** Everything that decides which messages of a file are stored where: part of the key of its stored position. */
function settingsKey(
  { sinks, ports, parseHep, tunnel, rtcp, rtp }: CaptureFilesOptions,
  script: string | undefined,
  filter: MessageFilter | null,
): string {
  return JSON.stringify([
    sinks.table,
    sinks.reportTable,
    ports,
    parseHep,
    ...(sinks.shape === '' || sinks.shape === 'sipcapture' ? [] : [sinks.shape]),
    ...(tunnel === null ? [] : [tunnel.address]),
    ...(rtcp ? ['rtcp'] : []),
    ...(rtp ? ['rtp'] : []),
    ...(script === undefined ? [] : [script]),
    ...(filter === null ? [] : ['filter', filter.key]),
  ]);
}
