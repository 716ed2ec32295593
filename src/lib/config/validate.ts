/** A draft against the schema: the errors of each part, at its place, and the values of the rest. */
import type { z } from 'zod';
import { nearestWord } from '../route/index.js';
import { pathText, type Draft, type Spot } from './draft.js';
import type { Report } from './problems.js';
import { namesAt, settingRows } from './rows.js';
import { schema, type Values } from './schema.js';
import { hidePasswords } from './secrets.js';

export interface Validated {
  /** With defaults in place of what is wrong, so that the rest can be checked. */
  values: Values;
  /** Top-level names with errors. */
  wrong: ReadonlySet<string>;
}

export function validate(draft: Draft, report: Report): Validated {
  hideGivenSecrets(draft, report);
  const result = schema.safeParse(draft.tree);
  if (result.success) return { values: result.data, wrong: new Set() };
  const wrong = new Set<string>();
  for (const issue of result.error.issues) {
    reportIssue(issue, draft, report);
    if (issue.path.length > 0) wrong.add(String(issue.path[0]));
    else if (issue.code === 'unrecognized_keys') for (const key of issue.keys) wrong.add(key).add(nearestWord(key, namesAt([])));
  }
  const rest = Object.fromEntries(Object.entries(draft.tree).filter(([name]) => !wrong.has(name)));
  return { values: schema.parse(rest), wrong };
}

function reportIssue(issue: z.core.$ZodIssue, draft: Draft, report: Report): void {
  const path = pathText(issue.path);
  const spot = draft.spot(path);
  // A default that its own type rejects is a bug.
  if (spot === null && issue.code !== 'unrecognized_keys') throw new Error(`${path}: ${issue.message}`);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) unknownName(key, issue.path, draft, report);
      return;
    case 'invalid_type':
      if (issue.expected === 'array')
        report.error(spot!, `${path}: expected a list`, `begin each item with - ${namesAt([...issue.path, 0])[0]}:`);
      else report.error(spot!, `${path} is a group of settings`, `expected ${namesAt(issue.path).join(', ')}`);
      return;
    default:
      // A message may quote a URL that is in the wrong place; those of databases hide their passwords themselves.
      report.error(spot!, `${path}: ${/db_url$/.test(path) ? issue.message : hidePasswords(issue.message)}`);
  }
}

function unknownName(name: string, parents: readonly PropertyKey[], draft: Draft, report: Report): void {
  const spot = draft.spot(pathText([...parents, name])) as Spot;
  const known = namesAt(parents);
  const meant = nearestWord(name, known);
  // A secret with a misspelt name is still a secret.
  if (meant !== '' && secretPaths().some((path) => path === meant || path.endsWith(`.${meant}`))) report.hide(spot.source, spot.value);
  const elsewhere = settingRows()
    .map(({ path }) => path)
    .filter((path) => path.endsWith(`.${name}`) && !path.includes('['));
  const repair =
    meant !== ''
      ? `did you mean '${meant}'?`
      : elsewhere.length > 0
        ? `it belongs under ${elsewhere.map((path) => path.slice(0, path.indexOf('.'))).join(' or ')}`
        : known.length < 12
          ? `expected one of ${known.join(', ')}`
          : '';
  const where = parents.length === 0 ? '' : ` in ${pathText(parents)}`;
  report.for(spot.source).error(spot.name, `unknown setting '${name}'${where}`, repair);
}

function hideGivenSecrets(draft: Draft, report: Report): void {
  for (const path of secretPaths()) {
    const spot = typeof draft.get(path) === 'string' ? draft.spot(path) : null;
    if (spot !== null) report.hide(spot.source, spot.value);
  }
}

function secretPaths(): string[] {
  return settingRows()
    .filter(({ secret }) => secret === 'all')
    .map(({ path }) => path);
}
