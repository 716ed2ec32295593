/** "Did you mean": the nearest command to a misspelt one, on standard error, exit code 2. */
import type { Hook } from '@oclif/core';

const hook: Hook.CommandNotFound = async function suggest({ id, config }) {
  const given = id.replaceAll(':', ' ');
  const names = config.commandIDs.map((name) => name.replaceAll(':', ' '));
  const nearest = names.map((name) => ({ name, away: distance(given, name) })).sort((a, b) => a.away - b.away)[0];
  const hint =
    nearest !== undefined && nearest.away <= Math.max(3, given.length / 3) ? ` Did you mean '${config.bin} ${nearest.name}'?` : '';
  process.stderr.write(`${config.bin}: unknown command '${given}'.${hint} '${config.bin} --help' lists them all.\n`);
  process.exit(2);
};

export default hook;

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
