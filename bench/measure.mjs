/** Timing that survives a noisy machine: alternating rounds, medians, figures as ratios. */

/** Median nanoseconds per item of each named work, all measured in turn in the same rounds. */
export function compare(works, rounds = 7) {
  const times = new Map(works.map(({ name }) => [name, []]));
  for (const { run } of works) run();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, items } of works) {
      const began = process.hrtime.bigint();
      run();
      times.get(name).push(Number(process.hrtime.bigint() - began) / items);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

export function line(name, text) {
  process.stdout.write(`${name.padEnd(44)} ${text}\n`);
}
