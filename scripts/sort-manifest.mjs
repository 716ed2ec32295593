// The order of commands in oclif's manifest is that of the file system: sorted, it is the same everywhere.
import { readFileSync, writeFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
manifest.commands = Object.fromEntries(Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('oclif.manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
