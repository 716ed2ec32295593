// The command tree as text: every command, its flags and their letters.
import { readFileSync } from 'node:fs';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
for (const id of Object.keys(commands).sort()) {
  const { summary, args, flags } = commands[id];
  console.log(`${id.replaceAll(':', ' ')} — ${summary}`);
  for (const name of Object.keys(args ?? {})) console.log(`  [${name}]`);
  for (const name of Object.keys(flags).sort()) {
    const { char, type, options, multiple, required, default: value } = flags[name];
    const parts = [`--${name}`];
    if (char) parts.push(`-${char}`);
    if (type === 'option') parts.push(options ? options.join('|') : 'VALUE');
    if (multiple) parts.push('several');
    if (required) parts.push('required');
    if (value !== undefined) parts.push(`default ${value}`);
    console.log(`  ${parts.join(' ')}`);
  }
}
