// Runs many command lines in one process, one after the other, as `bin/run.js` would each: a start of Node for each would take minutes.
// Reads {"folder", "lines": [[...words]]}, or also "folders" with one for each line, from standard input, prints [{"code", "stdout", "stderr"}].
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';

const { folder, folders, lines } = JSON.parse(readFileSync(0, 'utf8'));
const { main } = await import('../../dist/start.js');
const root = new URL('../../bin/run.js', import.meta.url).href;
const runs = new AsyncLocalStorage();
const print = process.stdout.write.bind(process.stdout);

for (const name of ['stdout', 'stderr'])
  process[name].write = (text, ...rest) => {
    const run = runs.getStore();
    if (run !== undefined) run[name] += rest[0] === 'latin1' ? Buffer.from(text, 'latin1').toString() : text;
    rest.find((one) => typeof one === 'function')?.();
    return true;
  };
// Timers of a run that is over may still ask for its end.
process.exit = (code) => {
  const run = runs.getStore();
  if (run.isOver) return;
  run.code ??= code ?? process.exitCode ?? 0;
  throw Object.assign(new Error('exit'), { code: 'EEXIT', oclif: { exit: run.code } });
};

process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);
const environment = { ...process.env };
const results = [];
for (const [i, words] of lines.entries()) {
  process.chdir(folders?.[i] ?? folder);
  const run = { code: undefined, stdout: '', stderr: '', isOver: false };
  process.exitCode = undefined;
  process.argv = [process.argv[0], 'sipcap', ...words];
  await runs
    .run(run, () => main(words, root))
    .catch((error) => {
      if (error.code !== 'EEXIT') throw error;
    });
  run.isOver = true;
  results.push({ code: run.code ?? process.exitCode ?? 0, stdout: run.stdout, stderr: run.stderr });
  process.env = { ...environment };
}
process.exitCode = 0;
print(`${JSON.stringify(results)}\n`);
setTimeout(() => process.reallyExit(0), 100);
