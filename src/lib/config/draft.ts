/** Settings from files, environment and flags before validation: a tree of texts, and the place of each part. */
import type { Place, Source } from '../route/index.js';
import type { RawValue } from './kind.js';

export type OriginKind = 'file' | 'environment' | 'flag';

/** The place of something. */
export interface Spot {
  kind: OriginKind;
  source: Source;
  /** Of the name, and of the value. */
  name: Place;
  value: Place;
}

export type Tree = { [name: string]: Tree | RawValue };

export class Draft {
  readonly tree: Tree = {};
  private readonly spots = new Map<string, Spot>();

  /** The last one wins: earlier values at and below the path are discarded. */
  set(path: string, value: Tree | RawValue, spot: Spot): void {
    for (const known of this.spots.keys())
      if (known === path || known.startsWith(`${path}.`) || known.startsWith(`${path}[`)) this.spots.delete(known);
    const names = path.split('.');
    let at = this.tree;
    for (const name of names.slice(0, -1)) {
      if (!isTree(at[name])) at[name] = {};
      at = at[name] as Tree;
    }
    at[names[names.length - 1]] = value;
    this.spots.set(path, spot);
  }

  /** One more item of a list. */
  add(path: string, value: RawValue, spot: Spot): void {
    const list = this.get(path);
    if (!Array.isArray(list)) {
      this.set(path, [value], spot);
      this.spots.set(`${path}[0]`, spot);
      return;
    }
    this.spots.set(`${path}[${list.length}]`, spot);
    (list as RawValue[]).push(value);
  }

  /** Records the place of a part of what was set. */
  note(path: string, spot: Spot): void {
    this.spots.set(path, spot);
  }

  get(path: string): Tree | RawValue | undefined {
    let at: Tree | RawValue | undefined = this.tree;
    for (const name of path.split('.')) at = isTree(at) ? at[name] : undefined;
    return at;
  }

  /** Of the first part that was set of a setting that was not set as a whole: `columns.callid` of `columns`. */
  spotBelow(path: string): Spot | null {
    for (const [known, spot] of this.spots) if (known.startsWith(`${path}.`)) return spot;
    return null;
  }

  /** Of the path, else of the nearest enclosing part; null where nothing was set. */
  spot(path: string): Spot | null {
    for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]+$|\[[^\]]*\]$/, '')) {
      const spot = this.spots.get(at);
      if (spot !== undefined) return spot;
    }
    return null;
  }
}

/** `databases[1].db_url` of `['databases', 1, 'db_url']`. */
export function pathText(parts: readonly PropertyKey[]): string {
  return parts.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? String(part) : `.${String(part)}`)).join('');
}

function isTree(value: Tree | RawValue | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
