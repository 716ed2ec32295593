/** The effective settings as text: YAML that could be a configuration, and after each value its origin. Secrets are hidden. */
import { stringify } from 'yaml';
import { shownUrl } from '../store/index.js';
import type { Draft } from './draft.js';
import { rowPath, settingRows, type Row } from './rows.js';
import { schema, type Values } from './schema.js';

export interface ShownSetting {
  path: string;
  value: unknown;
  /** `default`, `serve.yaml:3:9`, `environment SIPCAP_DB_URL`, `flag --set`. */
  origin: string;
}

export function shownSettings(values: Values, draft: Draft): ShownSetting[] {
  const rows = new Map(settingRows().map((row) => [row.path, row]));
  const found: ShownSetting[] = [];
  // The defaults determine the order, and which settings are groups.
  collect(asWritten(values, draft), '', rows, draft, found);
  return found;
}

export function originOf(path: string, draft: Draft): string {
  const spot = draft.spot(path) ?? draft.spotBelow(path);
  if (spot === null) return 'default';
  if (spot.kind !== 'file') return `${spot.kind} ${spot.source.name}`;
  const { line, column } = spot.source.lineColumn(spot.value.from);
  return `${spot.source.nameAt(spot.value.from)}:${line}:${column}`;
}

export function settingsText(settings: readonly ShownSetting[]): string {
  const lines: { text: string; origin: string }[] = [];
  let group = '';
  for (const { path, value, origin } of settings) {
    const match = /^(databases\[\d+\]|[^.]+)\.(.+)$/.exec(path);
    const parent = match === null ? '' : match[1];
    if (parent !== group) {
      group = parent;
      const isFirst = parent === 'databases[0]' || !parent.startsWith('databases[');
      if (parent !== '' && isFirst) lines.push({ text: `${parent.replace(/\[0\]$/, '')}:`, origin: '' });
    }
    const isItem = parent.startsWith('databases[');
    const indent = parent === '' ? '' : isItem ? (path.endsWith('.db_url') ? '  - ' : '    ') : '  ';
    lines.push({ text: `${indent}${match === null ? path : match[2]}: ${inOneLine(value)}`, origin });
  }
  const width = Math.min(60, Math.max(...lines.map(({ text }) => text.length)));
  return lines.map(({ text, origin }) => `${origin === '' ? text : `${text.padEnd(width)}  # ${origin}`}\n`).join('');
}

function collect(value: unknown, path: string, rows: ReadonlyMap<string, Row>, draft: Draft, found: ShownSetting[]): void {
  const row = rows.get(rowPath(path));
  if (row !== undefined) found.push({ path, value: shown(value, row), origin: originOf(path, draft) });
  else if (Array.isArray(value)) {
    if (value.length === 0) found.push({ path, value, origin: originOf(path, draft) });
    value.forEach((item, i) => collect(item, `${path}[${i}]`, rows, draft, found));
  } else
    for (const [name, member] of Object.entries(value as object))
      collect(member, path === '' ? name : `${path}.${name}`, rows, draft, found);
}

function shown(value: unknown, row: Row): unknown {
  if (value === '') return value;
  if (row.secret === 'all') return '***';
  if (row.secret === 'part') return shownUrl(String(value));
  if (row.write !== undefined) return row.write(value);
  if (row.isLong === true) return `(${String(value).trimEnd().split('\n').length} lines)`;
  return value;
}

/** Values as in a file; values parsed into other forms (ports, names) are shown as written. */
function asWritten(values: Values, draft: Draft): Record<string, unknown> {
  const written = structuredClone(values) as Record<string, unknown>;
  written.hep_id = draft.get('hep_id') ?? [];
  (written.live as Record<string, unknown>).ports = draft.get('live.ports') ?? [];
  return Object.fromEntries(Object.keys(schema.shape).map((name) => [name, written[name]]));
}

function inOneLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
