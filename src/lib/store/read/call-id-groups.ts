/** Many Call-IDs in groups of one query each. */

/** Call-IDs of one query whose values are bound. */
const COUNT = 500;
/** Characters of one query's, where values are part of the statement: servers accept 256 KiB, and some are escaped. */
const CHARACTERS = 120_000;

/** `byLength`: reading the column of Call-IDs once for many is cheaper than often for few. */
export function* callIdGroups(callIds: readonly string[], byLength: boolean): Generator<string[]> {
  let from = 0;
  let characters = 0;
  for (const [at, { length }] of callIds.entries()) {
    const isFull = byLength ? characters + length > CHARACTERS : at - from === COUNT;
    if (at > from && isFull) {
      yield callIds.slice(from, at);
      from = at;
      characters = 0;
    }
    characters += length + 3;
  }
  if (from < callIds.length) yield callIds.slice(from);
}
