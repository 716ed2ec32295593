/** Many Call-IDs in groups of one query each. */

/** Call-IDs of one query whose values are bound. */
const COUNT = 500;
/** Characters of one query's, where values are part of the statement: servers accept 256 KiB. */
const CHARACTERS = 240_000;
/** No column cuts shorter Call-IDs. */
const UNCUT = 128;

/** `byLength`: reading the column of Call-IDs once for many is cheaper than often for few. */
export function* callIdGroups(callIds: readonly string[], byLength: boolean): Generator<string[]> {
  let from = 0;
  let characters = 0;
  for (const [at, callId] of callIds.entries()) {
    const length = byLength ? charactersOf(callId) : 0;
    const isFull = byLength ? characters + length > CHARACTERS : at - from === COUNT;
    if (at > from && isFull) {
      yield callIds.slice(from, at);
      from = at;
      characters = 0;
    }
    characters += length;
  }
  if (from < callIds.length) yield callIds.slice(from);
}

/** In a statement: between quotes, escaped, and a long one also as it was cut when it was stored. */
function charactersOf(callId: string): number {
  let characters = callId.length + 3;
  if (/[\\']/.test(callId)) characters += callId.replace(/[^\\']/g, '').length;
  return callId.length > UNCUT ? 2 * characters : characters;
}
