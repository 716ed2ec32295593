/** The schema's settings as a list: path, environment variable, options. */
import type { z } from 'zod';
import { nearestWord } from '../route/index.js';
import { schema } from './schema.js';
import type { SettingMeta } from './setting.js';

export interface Row extends SettingMeta {
  /** `mi.fifo`; those of further databases are `databases[].db_url`. */
  path: string;
  /** '' where the environment cannot set it. */
  variable: string;
}

export function settingRows(): Row[] {
  const rows: Row[] = [];
  walk(schema, '', rows);
  return rows;
}

/** Names allowed at a path, [] where it is a leaf. */
export function namesAt(path: readonly PropertyKey[]): string[] {
  let type: z.core.$ZodType | undefined = schema;
  for (const part of path) {
    const inner: z.core.$ZodType | undefined = type === undefined ? undefined : unwrapped(type);
    if (isObject(inner)) type = inner.shape[String(part)];
    else if (isArray(inner)) type = inner.element;
    else return [];
  }
  const inner = type === undefined ? undefined : unwrapped(type);
  return isObject(inner) ? Object.keys(inner.shape) : [];
}

/** What may have been meant by an unknown path. */
export function pathRepair(path: string, known: readonly string[]): string {
  const meant = known.find((one) => one.startsWith(path)) ?? nearestWord(path, known);
  if (meant !== '') return `did you mean '${meant}'?`;
  const group = path.slice(0, path.indexOf('.') + 1);
  const within = group === '' ? [] : known.filter((one) => one.startsWith(group));
  return within.length === 0 ? '' : `expected one of ${within.join(', ')}`;
}

/** `databases[1].db_url` has the row of `databases[].db_url`. */
export function rowPath(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

function walk(type: z.core.$ZodType, path: string, rows: Row[]): void {
  const inner = unwrapped(type);
  if (isObject(inner)) {
    for (const [name, member] of Object.entries(inner.shape)) walk(member, path === '' ? name : `${path}.${name}`, rows);
  } else if (isArray(inner)) walk(inner.element, `${path}[]`, rows);
  else {
    const { sipcap } = (type as z.ZodType).meta() as { sipcap: SettingMeta };
    rows.push({ ...sipcap, path, variable: path.includes('[') ? '' : `SIPCAP_${path.replace('.', '_').toUpperCase()}` });
  }
}

/** A setting's own default stays: it holds the meta. */
function unwrapped(type: z.core.$ZodType): z.core.$ZodType {
  const { def } = type._zod as { def: { type: string; innerType?: z.core.$ZodType } };
  if (def.type === 'prefault' || (def.type === 'default' && isArray(def.innerType))) return def.innerType!;
  return type;
}

function isObject(type: z.core.$ZodType | undefined): type is z.ZodObject {
  return type?._zod.def.type === 'object';
}

function isArray(type: z.core.$ZodType | undefined): type is z.ZodArray<z.ZodType> {
  return type?._zod.def.type === 'array';
}
