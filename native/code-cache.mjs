// Writes V8's code cache of the bundle, with all functions that frequent commands run. Without it every start compiles them again.
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START = new URL('../dist/start.js', import.meta.url);
// In a checkout that is not built yet there is nothing to compile.
if (existsSync(START)) {
  const { cacheFile, digest, main, script } = await import(START);
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
    // Renamed, so that no start reads half of it.
    writeFileSync(`${cacheFile}.new`, Buffer.concat([Buffer.from(digest, 'latin1'), script.createCachedData()]));
    chmodSync(`${cacheFile}.new`, 0o644);
    renameSync(`${cacheFile}.new`, cacheFile);
  } catch (error) {
    console.log(`sipcap: no code cache (${error.message}): commands start more slowly`);
  }
  process.reallyExit(0);
}
