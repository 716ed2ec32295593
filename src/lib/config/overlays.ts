/** Settings from the environment and flags, on top of the file: one text each, lists with commas. */
import { Source, didYouMean } from '../route/index.js';
import type { Draft, OriginKind, Spot } from './draft.js';
import type { Report } from './problems.js';
import { pathRepair, settingRows, type Row } from './rows.js';

export interface Flag {
  /** As the user wrote it: `--db`, `--set db_url`. */
  name: string;
  path: string;
  value: string;
}

/** Of other commands, and the file's own name. */
const NOT_SETTINGS = ['SIPCAP_HEP_KEY', 'SIPCAP_CONFIG', 'SIPCAP_LONG', 'SIPCAP_MI', 'SIPCAP_SQLITE'];

export function readEnvironment(environment: Readonly<Record<string, string | undefined>>, draft: Draft, report: Report): void {
  const byVariable = new Map<string, Row>(
    settingRows()
      .filter(({ variable }) => variable !== '')
      .map((row) => [row.variable, row]),
  );
  byVariable.set('SIPCAP_DB', byVariable.get('SIPCAP_DB_URL')!);
  for (const [name, value] of Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('SIPCAP_') || value === undefined || NOT_SETTINGS.includes(name)) continue;
    // It is for all commands: empty, it keeps a database from one of them.
    if (name === 'SIPCAP_DB' && value === '') continue;
    const row = byVariable.get(name);
    if (row !== undefined) {
      draft.set(row.path, value, spotOf('environment', name, value, row, report));
      continue;
    }
    const spot = spotOf('environment', name, name, undefined, report);
    report.warn(spot, 'unknown variable: no setting has this name', didYouMean(name, byVariable.keys()));
  }
}

/** Flags that are repeated make a list. */
export function readFlags(flags: readonly Flag[], draft: Draft, report: Report): void {
  const rows = new Map(
    settingRows()
      .filter(({ variable }) => variable !== '')
      .map((row) => [row.path, row]),
  );
  const seen = new Set<string>();
  for (const { name, path, value } of flags) {
    const row = rows.get(path);
    const spot = spotOf('flag', name, row === undefined ? path : value, row, report);
    if (row === undefined) report.error(spot, `unknown setting '${path}'`, pathRepair(path, [...rows.keys()]));
    else if (row.isList === true && seen.has(path)) draft.add(path, value, spot);
    else if (row.isList === true && value !== '')
      draft.set(
        path,
        value.split(',').map((one) => one.trim()),
        spot,
      );
    else draft.set(path, value, spot);
    seen.add(path);
  }
}

function spotOf(kind: OriginKind, name: string, text: string, row: Row | undefined, report: Report): Spot {
  const source = new Source(name, text);
  const place = { from: 0, to: text.length };
  report.for(source);
  if (row?.secret === 'all') report.hide(source, place);
  return { kind, source, name: place, value: place };
}
