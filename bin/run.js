#!/usr/bin/env node
// Node opens its debugger on SIGUSR1 where nobody listens: listen first of all.
process.on('SIGUSR1', () => {});

if (process.argv.length === 3 && process.argv[2] === '--version') {
  // The same words as oclif's, without loading it.
  const { readFileSync } = await import('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`);
} else {
  const { execute } = await import('../dist/bundle/main.js');
  await execute({ dir: import.meta.url });
}
