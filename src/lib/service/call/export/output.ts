/** The output of an export: a capture file, HEP packets, NDJSON, or text. */
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { UsageError, type Environment } from '../../../base/index.js';
import { Zone } from '../../../base/time/index.js';
import type { OpenedOutput, OutputSpec } from '../../../pipeline/output/output.js';
import { CaptureFileSink } from '../../../sink/capture-file/capture-file-sink.js';
import { jsonFormat } from '../../../sink/terminal/json-format.js';
import { TerminalSink } from '../../../sink/terminal/terminal-sink.js';
import { HepFileSink } from './hep-file-sink.js';
import { sngrepText } from './sngrep-text.js';

export type ExportForm = 'pcap' | 'hep' | 'json' | 'text';

export interface ExportTarget {
  /** Path, or `-` for standard output. */
  path: string;
  form: ExportForm;
  zone: string;
}

const FORMS: readonly [RegExp, ExportForm][] = [
  [/\.(?:hep|hep3)$/i, 'hep'],
  [/\.(?:json|ndjson|jsonl)$/i, 'json'],
  [/\.(?:txt|text|log)$/i, 'text'],
];

/** By the file name unless given. */
export function exportForm(path: string, form: ExportForm | undefined): ExportForm {
  return form ?? FORMS.find(([name]) => name.test(path))?.[1] ?? 'pcap';
}

export function exportOutput(target: ExportTarget, env: Environment, onClosed: () => void): OutputSpec {
  return { key: 'export', name: 'file', role: 'store', holds: [], open: async () => opened(target, env, onClosed) };
}

/** Otherwise the input would be truncated before it is read. */
export function refuseOverwriting(path: string, files: readonly string[]): void {
  if (path !== '-' && files.some((file) => file !== '-' && resolve(file) === resolve(path)))
    throw new UsageError(`${path} is being read and cannot be written at the same time`);
}

function opened({ path, form, zone }: ExportTarget, env: Environment, onClosed: () => void): OpenedOutput {
  if (form === 'pcap') return { sink: new CaptureFileSink({ path, stdout: env.stdout, log: env.log, onClosed }), gathers: true };
  const stream = path === '-' ? env.stdout : fileStream(path, env);
  if (form === 'hep') return { sink: new HepFileSink(stream, 1, onClosed) };
  return {
    sink: new TerminalSink(
      stream,
      form === 'json' ? jsonFormat() : sngrepText(new Zone(zone), (stream as { isTTY?: boolean }).isTTY === true),
      onClosed,
    ),
  };
}

function fileStream(path: string, { log }: Environment): Writable {
  return createWriteStream(path).on('error', (error) => log.error(`${path}: ${error.message}: messages are lost`));
}
