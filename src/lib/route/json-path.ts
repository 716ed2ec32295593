/** `$json(name/member/list[0])`: documents that a script assigned as text, and their members. */
import type { Value } from './value.js';

const MAX_DOCUMENTS = 100;

/** Text of strings, numbers as they are, true and false as 1 and 0, objects and lists as JSON. */
export function readJson(documents: ReadonlyMap<string, unknown>, path: string): Value {
  const [name, ...steps] = stepsOf(path);
  let at: unknown = documents.get(name);
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return null;
    if (Array.isArray(at)) at = (at as unknown[]).at(Number(step));
    else at = Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : undefined;
  }
  if (at === undefined || at === null) return null;
  if (typeof at === 'string') return at;
  if (typeof at === 'number') return Number.isInteger(at) ? at : String(at);
  return typeof at === 'boolean' ? Number(at) : JSON.stringify(at);
}

/** `:=` parses the text as JSON, `=` keeps it as a string; returns the error, or ''. */
export function writeJson(documents: Map<string, unknown>, path: string, value: Value, parse: boolean): string {
  const [name, ...steps] = stepsOf(path);
  if (steps.length > 0) return `$json(${path}) cannot be set: only whole documents can, $json(${name})`;
  if (value === null) {
    documents.delete(name);
    return '';
  }
  if (documents.size >= MAX_DOCUMENTS && !documents.has(name)) return `more than ${MAX_DOCUMENTS} JSON documents`;
  if (!parse || typeof value === 'number') {
    documents.set(name, value);
    return '';
  }
  try {
    documents.set(name, JSON.parse(value));
    return '';
  } catch {
    documents.delete(name);
    return 'invalid JSON';
  }
}

function stepsOf(path: string): string[] {
  return path
    .replace(/\[(-?\d+)\]/g, '/$1')
    .split('/')
    .map((step) => step.trim());
}
