// Writes V8's code caches of the bundles: with the functions that frequent commands run, and all of MySQL's client, which needs a server
// to run. Without them every start compiles them again.
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

const START = new URL('../dist/start.js', import.meta.url);
// In a checkout that is not built yet there is nothing to compile.
if (existsSync(START)) {
  for (const name of ['sipcap', 'mysql2']) rmSync(new URL(`../dist/bundle/${name}.cache`, import.meta.url), { force: true });
  const { compile, compiled, main } = await import(START);
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-'));
  const sample = new URL('../samples/sample.pcap', import.meta.url).pathname;
  const lines = [
    ['--help'],
    ['capture', 'mirror', '-r', sample, '--db', `sqlite:${folder}/calls.db`],
    ['call', 'list', '--db', `sqlite:${folder}/calls.db`, '--since', '2000-01-01'],
    ['call', 'show', '-r', sample, '--latest'],
  ];
  process.env.SIPCAP_CONFIG = '';
  process.exit = (code) => {
    throw Object.assign(new Error('exit'), { code: 'EEXIT', oclif: { exit: code ?? 0 } });
  };
  // The cache is no reason for an installation to fail or to hang: timers may ask for an exit, too.
  process.on('uncaughtException', () => {});
  setTimeout(() => process.reallyExit(0), 60_000).unref();
  const print = process.stdout.write;
  process.stdout.write = process.stderr.write = (_text, ...rest) => (rest.find((one) => typeof one === 'function')?.(), true);
  for (const words of lines) {
    process.argv = [process.argv[0], 'sipcap', ...words];
    await main(words, new URL('../bin/run.js', import.meta.url).href).catch(() => {});
  }
  process.stdout.write = print;
  rmSync(folder, { recursive: true, force: true });
  try {
    write(compiled.get('sipcap'));
    // V8 refuses a cache made under other flags than those of a start, so the flag is taken back.
    setFlagsFromString('--no-lazy');
    const client = compile('mysql2');
    setFlagsFromString('--lazy');
    write(client);
  } catch (error) {
    console.log(`sipcap: no code cache (${error.message}): commands start more slowly`);
  }
  process.reallyExit(0);
}

function write({ cacheFile, digest, script }) {
  // Renamed, so that no start reads half of it.
  writeFileSync(`${cacheFile}.new`, Buffer.concat([Buffer.from(digest, 'latin1'), script.createCachedData()]));
  chmodSync(`${cacheFile}.new`, 0o644);
  renameSync(`${cacheFile}.new`, cacheFile);
}
