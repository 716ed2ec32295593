#!/usr/bin/env node
// Without a handler Node opens its debugger on SIGUSR1: install one first of all.
process.on('SIGUSR1', () => {});

// An account may lack a name (a container's numeric user), and a service its environment: oclif asks for both.
const { homedir } = process.getBuiltinModule('node:os');
process.env.SHELL ??= '/bin/sh';
try {
  process.env.HOME ??= homedir();
} catch {
  process.env.HOME = '/';
}

if (process.argv.length === 3 && process.argv[2] === '--version') {
  // The same text as oclif's, without loading it.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') return;
    console.error(`sipcap: cannot write on standard output: ${error.message}`);
    process.exit(4);
  });
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { main } = await import('../dist/start.js');
  await main(process.argv.slice(2), import.meta.url);
}
