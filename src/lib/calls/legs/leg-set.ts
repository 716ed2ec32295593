/** Call-IDs that belong together: disjoint sets (union-find). */

export class LegSet {
  private parent: LegSet | null = null;
  private readonly own: string[];

  constructor(callId: string) {
    this.own = [callId];
  }

  get callIds(): readonly string[] {
    return this.root().own;
  }

  /** Merges both sets; false if they would have more than `maximum` members. */
  join(other: LegSet, maximum: number): boolean {
    const a = this.root();
    const b = other.root();
    if (a === b) return true;
    if (a.own.length + b.own.length > maximum) return false;
    const [large, small] = a.own.length >= b.own.length ? [a, b] : [b, a];
    for (const callId of small.own) if (!large.own.includes(callId)) large.own.push(callId);
    small.own.length = 0;
    small.parent = large;
    return true;
  }

  /** The representative of the set. */
  root(): LegSet {
    let root: LegSet = this as LegSet;
    while (root.parent !== null) root = root.parent;
    if (this !== root && this.parent !== root) this.parent = root;
    return root;
  }
}
