/** Entries in the order in which they were placed, usually at the end. Every operation, finding the oldest included, is O(1). */
export interface LinkedEntry<E> {
  older: E | null;
  newer: E | null;
}

export class LinkedList<E extends LinkedEntry<E>> {
  private first: E | null = null;
  private last: E | null = null;

  get oldest(): E | null {
    return this.first;
  }

  get newest(): E | null {
    return this.last;
  }

  /** Appends an entry that is in no list. */
  link(entry: E): void {
    entry.older = this.last;
    entry.newer = null;
    if (this.last === null) this.first = entry;
    else this.last.newer = entry;
    this.last = entry;
  }

  /** Moves an entry of this list after another, or to the beginning. */
  moveBehind(entry: E, other: E | null): void {
    this.unlink(entry);
    entry.older = other;
    entry.newer = other === null ? this.first : other.newer;
    if (entry.newer === null) this.last = entry;
    else entry.newer.older = entry;
    if (other === null) this.first = entry;
    else other.newer = entry;
  }

  /** Removes an entry of this list. */
  unlink(entry: E): void {
    if (entry.older === null) this.first = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === null) this.last = entry.older;
    else entry.newer.older = entry.older;
    entry.older = null;
    entry.newer = null;
  }
}

/** The same, found by key. */
export class LinkedTable<K, E extends LinkedEntry<E> & { readonly key: K }> {
  private readonly entries = new Map<K, E>();
  private readonly list = new LinkedList<E>();

  get size(): number {
    return this.entries.size;
  }

  get oldest(): E | null {
    return this.list.oldest;
  }

  get newest(): E | null {
    return this.list.newest;
  }

  get(key: K): E | undefined {
    return this.entries.get(key);
  }

  has(entry: E): boolean {
    return this.entries.get(entry.key) === entry;
  }

  /** Adds an entry whose key is new. */
  add(entry: E): void {
    this.entries.set(entry.key, entry);
    this.list.link(entry);
  }

  /** Places an entry of the table at the end. */
  renew(entry: E): void {
    if (entry.newer === null) return;
    this.list.unlink(entry);
    this.list.link(entry);
  }

  /** Moves an entry of the table after another of its entries, or to the beginning. */
  moveBehind(entry: E, other: E | null): void {
    this.list.moveBehind(entry, other);
  }

  delete(entry: E): void {
    if (!this.has(entry)) return;
    this.entries.delete(entry.key);
    this.list.unlink(entry);
  }
}
