/** `$avp`: values of a message by name, the newest first. An assignment adds one in front; NULL removes the newest. */
import type { Value } from './value.js';

/** Values of one name. */
const MAX_VALUES = 1000;
/** Maximum of names that one message creates at run time. */
const MAX_NAMES = 1000;

export class Avps {
  /** The newest of each, null if there is none. */
  readonly newest: Value[];
  /** The older ones, the oldest first; most scripts have none. */
  private readonly older: Value[][];
  private hasOlder = false;
  /** For scripts that create names at run time: `$avp($var(name))`. */
  private made: Map<string, number> | null = null;

  /** The names written in the script. */
  constructor(private readonly names: readonly string[]) {
    this.newest = new Array<Value>(names.length).fill(null);
    this.older = Array.from({ length: names.length }, () => []);
  }

  /** The index of a name known only at run time; -1 if the message has too many. */
  slot(name: string): number {
    const written = this.names.indexOf(name);
    if (written >= 0) return written;
    this.made ??= new Map();
    let at = this.made.get(name) ?? -1;
    if (at < 0 && this.made.size < MAX_NAMES) {
      at = this.newest.push(null) - 1;
      this.older.push([]);
      this.made.set(name, at);
    }
    return at;
  }

  clear(): void {
    if (this.made !== null) {
      this.made = null;
      this.newest.length = this.names.length;
      this.older.length = this.names.length;
    }
    if (this.newest.length > 0) this.newest.fill(null);
    if (!this.hasOlder) return;
    for (const values of this.older) values.length = 0;
    this.hasOlder = false;
  }

  /** False if the name has too many values. */
  push(at: number, value: Value): boolean {
    const before = this.newest[at];
    if (value === null) {
      this.newest[at] = this.older[at].pop() ?? null;
      return true;
    }
    if (before !== null) {
      if (this.older[at].length >= MAX_VALUES) return false;
      this.older[at].push(before);
      this.hasOlder = true;
    }
    this.newest[at] = value;
    return true;
  }

  replaceAll(at: number, value: Value): void {
    this.newest[at] = value;
    this.older[at].length = 0;
  }

  /** `$(avp(x)[index]) = value`; NULL removes that one. False if there is no such value, except for the very first. */
  replace(at: number, index: number, value: Value): boolean {
    const values = this.all(at);
    const place = index < 0 ? values.length + index : index;
    if (!(place >= 0 && place < values.length)) return value === null || (values.length === 0 && place === 0 && this.push(at, value));
    if (value === null) values.splice(place, 1);
    else values[place] = value;
    this.newest[at] = values[0] ?? null;
    this.older[at] = values.slice(1).reverse();
    return true;
  }

  /** `$(avp(x)[append]) = value`: the oldest. */
  append(at: number, value: Value): boolean {
    if (this.newest[at] === null || value === null) return this.push(at, value);
    if (this.older[at].length >= MAX_VALUES) return false;
    this.older[at].unshift(value);
    this.hasOlder = true;
    return true;
  }

  /** No effect if the name or the index has no value. */
  get(at: number, index: number): Value {
    return index === 0 ? (this.newest[at] ?? null) : (this.all(at).at(index) ?? null);
  }

  /** The newest first. */
  all(at: number): Value[] {
    const newest = this.newest[at] ?? null;
    return newest === null ? [] : [newest, ...[...this.older[at]].reverse()];
  }
}
