/** Messages on standard output: lines as wide as the terminal, complete in a pipe, or JSON. */
import type { Environment } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { jsonFormat } from '../../sink/terminal/json-format.js';
import { TerminalSink, type Formatter } from '../../sink/terminal/terminal-sink.js';
import { textFormat } from '../../sink/terminal/text-format.js';
import type { RunOptions } from '../options.js';
import { readNames } from './address-names.js';
import type { OpenedOutput } from './output.js';
import { terminalPaint } from './terminal-colors.js';

interface TerminalContext {
  env: Environment;
  onClosed: (name: string) => void;
  /** Names of the source's files. */
  fileNames?: () => readonly string[];
}

export async function openTerminal(
  format: 'text' | 'json',
  options: RunOptions,
  { env, onClosed, fileNames }: TerminalContext,
): Promise<OpenedOutput> {
  const formatter = format === 'json' ? jsonFormat(fileNames) : await lines(options, env);
  return { sink: new TerminalSink(env.stdout, formatter, () => onClosed('output')) };
}

async function lines({ sinks, verbose }: RunOptions, { stdout, colour }: Environment): Promise<Formatter> {
  const { time, zone, names } = sinks.lines ?? { time: 'date', zone: '', names: '' };
  const known = readNames(names);
  return textFormat({
    paint: await terminalPaint(colour),
    wholeMessage: verbose,
    time,
    zone: new Zone(zone),
    width: () => (stdout as { columns?: number }).columns ?? 0,
    nameOf: (address, port) => known?.nameOf(address, port) ?? '',
  });
}
