#!/usr/bin/env node
// Node opens its debugger on SIGUSR1 where nobody listens: listen first of all.
process.on('SIGUSR1', () => {});
const { execute } = await import('@oclif/core');
await execute({ dir: import.meta.url });
