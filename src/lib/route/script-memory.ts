/** What a script keeps across messages besides `$var`: statistics, and a cache of limited size. */

const MAX_STATISTICS = 10_000;
/** Maximum length of a name, which may come from traffic. */
const MAX_NAME = 256;
const MAX_ENTRIES = 10_000;
/** Characters of all keys and values. */
const MAX_SIZE = 16 * 1024 * 1024;

/** One per node, so that a reload keeps what the script counted and stored. */
export class ScriptMemory {
  readonly statistics = new ScriptStatistics();
  readonly cache = new ScriptCache();

  constructor(
    /** When the node started, microseconds since 1970: `$TS`. */
    readonly startedAt: number,
  ) {}
}

/** Counters of update_stat(), by name. */
export class ScriptStatistics {
  private readonly counts = new Map<string, number>();

  /** False if there are too many names, or the name is too long. */
  add(name: string, by: number): boolean {
    return this.set(name, (this.counts.get(name) ?? 0) + by);
  }

  set(name: string, count: number): boolean {
    if (!this.counts.has(name) && (this.counts.size >= MAX_STATISTICS || name.length > MAX_NAME)) return false;
    this.counts.set(name, count);
    return true;
  }

  reset(name: string): void {
    if (this.counts.has(name)) this.counts.set(name, 0);
  }

  get(name: string): number | null {
    return this.counts.get(name) ?? null;
  }

  /** By name, prefixed with the group: `dynamic:` if the script gives none, as in OpenSIPS. */
  entries(): [string, number][] {
    return [...this.counts].map(([name, count]) => [name.includes(':') ? name : `dynamic:${name}`, count]);
  }
}

interface Entry {
  value: string;
  /** Microseconds since 1970; 0 means forever. */
  until: number;
}

/** cache_store() and similar on `local`: the oldest entries are evicted first. */
export class ScriptCache {
  private readonly entries = new Map<string, Entry>();
  private size = 0;

  store(key: string, value: string, until: number): void {
    this.remove(key);
    this.entries.set(key, { value, until });
    this.size += key.length + value.length;
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= MAX_ENTRIES && this.size <= MAX_SIZE) break;
      this.remove(oldest);
    }
  }

  fetch(key: string, now: number): string | null {
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    if (entry.until === 0 || entry.until > now) return entry.value;
    this.remove(key);
    return null;
  }

  /** When it expires, 0 for never. */
  until(key: string): number {
    return this.entries.get(key)?.until ?? 0;
  }

  remove(key: string): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) return false;
    this.size -= key.length + entry.value.length;
    return this.entries.delete(key);
  }
}
