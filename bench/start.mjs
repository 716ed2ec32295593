/** How long the program takes to answer, against Node alone. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { line, median } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const ROUNDS = 15;

export async function run() {
  const works = { node: ['-e', '0'], version: [program, '--version'], help: [program, '--help'] };
  const times = { node: [], version: [], help: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(works)) {
      const began = process.hrtime.bigint();
      const { status } = spawnSync(process.execPath, args);
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
      times[name].push(Number(process.hrtime.bigint() - began) / 1e6);
    }
  }
  line('node alone', `${median(times.node).toFixed(0)} ms`);
  line(
    'sipcap --version',
    `${median(times.version).toFixed(0)} ms (target: below 250), ${(median(times.version) / median(times.node)).toFixed(1)} times node alone`,
    { ms: median(times.version) },
  );
  line(
    'sipcap --help',
    `${median(times.help).toFixed(0)} ms (target: below 400), ${(median(times.help) / median(times.node)).toFixed(1)} times node alone`,
    { ms: median(times.help) },
  );
}
