/** Prepared statements, by table and number of rows; those of the oldest table are closed when there are many. */
import type { Target } from './target.js';

const MAX_TARGETS = 64;

export class StatementCache<T> {
  private readonly statements = new Map<Target, Map<number, T>>();

  constructor(private readonly end: (statement: T) => void) {}

  find(target: Target, rows: number): T | undefined {
    return this.statements.get(target)?.get(rows);
  }

  keep(target: Target, rows: number, statement: T): T {
    let own = this.statements.get(target);
    if (own === undefined) {
      if (this.statements.size >= MAX_TARGETS) this.drop(this.statements.keys().next().value!);
      own = new Map();
      this.statements.set(target, own);
    }
    own.set(rows, statement);
    return statement;
  }

  has(statement: T): boolean {
    return [...this.statements.values()].some((own) => [...own.values()].includes(statement));
  }

  clear(): void {
    for (const target of [...this.statements.keys()]) this.drop(target);
  }

  private drop(target: Target): void {
    const own = this.statements.get(target)!;
    this.statements.delete(target);
    for (const statement of own.values()) this.end(statement);
  }
}
