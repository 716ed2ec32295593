/** Reads the tables of tshark's output for each capture, if present beside the project. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const captures = resolve(import.meta.dirname, '../../../shared/captures');
export const capturesAbsent = !existsSync(captures);

export type Row = Record<string, string>;

export function readRows(file: string): Row[] {
  const [header, ...lines] = readFileSync(join(captures, 'oracle', file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const names = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(names.map((name, i) => [name, unescape(cells[i] ?? '')]));
  });
}

/** Capture files that have a table of SIP messages. */
export function sipOracles(): string[] {
  return readdirSync(join(captures, 'oracle'))
    .filter((file) => /\.pcap(ng)?\.tsv$/.test(file))
    .map((file) => file.replace(/\.tsv$/, ''));
}

function unescape(text: string): string {
  return text.replace(/\\([\\tnr])/g, (_, letter: string) => ({ '\\': '\\', t: '\t', n: '\n', r: '\r' })[letter]!);
}
