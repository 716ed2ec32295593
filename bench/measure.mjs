/** Timing that survives a noisy machine: alternating rounds, the best round of each, figures as ratios. */

/**
 * Nanoseconds per item of each named work, all measured alternately in the same rounds. The best round counts: it is what
 * the work costs with the core to itself, and the one value that other load cannot distort.
 */
export function compare(works, rounds = 15) {
  const times = new Map(works.map(({ name }) => [name, []]));
  for (const { run } of works) run();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, items } of works) {
      const began = process.hrtime.bigint();
      run();
      times.get(name).push(Number(process.hrtime.bigint() - began) / items);
    }
  }
  return new Map([...times].map(([name, list]) => [name, Math.min(...list)]));
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** What the lines of this run measured, for `--json` and `--against`. */
export const measuredRows = [];

/** Rounds of a measurement whose median counts; SIPCAP_BENCH_ROUNDS overrides it (`--against` repeats whole sections instead). */
export const roundsOf = (usual) => Number(process.env.SIPCAP_BENCH_ROUNDS ?? usual);

/** A line of the table. `figures` are what `--against` compares, by unit: of a unit that ends in `/s` more is better, of all others less. */
export function line(name, text, figures = {}) {
  process.stdout.write(`${name.padEnd(44)} ${text}\n`);
  for (const [unit, value] of Object.entries(figures))
    if (Number.isFinite(value)) measuredRows.push({ row: name, unit, value: Number(value.toPrecision(6)) });
}
