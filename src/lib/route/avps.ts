/** `$avp`: values of a message by name, the newest first. An assignment puts one before those that are there; NULL takes the newest away. */
import type { Value } from './value.js';

/** Values of one name. */
const MAX_VALUES = 1000;

export class Avps {
  /** The newest of each, null where there is none. */
  readonly newest: Value[];
  /** Those before it, the oldest first; most scripts have none. */
  private readonly older: Value[][];
  private hasOlder = false;

  constructor(count: number) {
    this.newest = new Array<Value>(count).fill(null);
    this.older = Array.from({ length: count }, () => []);
  }

  clear(): void {
    if (this.newest.length > 0) this.newest.fill(null);
    if (!this.hasOlder) return;
    for (const values of this.older) values.length = 0;
    this.hasOlder = false;
  }

  /** False where the name has too many values. */
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

  /** `$(avp(x)[index]) = value`; NULL takes that one away. */
  replace(at: number, index: number, value: Value): boolean {
    const values = this.all(at);
    const place = index < 0 ? values.length + index : index;
    if (place < 0 || place >= values.length) return value !== null && place === values.length && this.push(at, value);
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

  get(at: number, index: number): Value {
    return index === 0 ? this.newest[at] : (this.all(at).at(index) ?? null);
  }

  /** The newest first. */
  all(at: number): Value[] {
    const { [at]: newest } = this.newest;
    return newest === null ? [] : [newest, ...[...this.older[at]].reverse()];
  }
}
