/** Compiles the fuzzers and runs them: node scripts/fuzz.mjs --cases 2000000, or --minutes 30 guided by coverage (see test/fuzz/program.ts for the options). */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';

const root = resolve(import.meta.dirname, '..');
const out = join(root, '.sipcap', `fuzz-${process.pid}`);
const FOLDERS = ['src/lib', 'test/fuzz', 'test/rigs', 'test/decode', 'test/route', 'test/sip', 'bench'];
const OPTIONS = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, swcrc: false };

try {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(root, folder), { recursive: true })) {
      const target = join(out, folder, name);
      mkdirSync(dirname(target), { recursive: true });
      if (name.endsWith('.mjs')) copyFileSync(join(root, folder, name), target);
      else if (name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts'))
        writeFileSync(target.replace(/ts$/, 'js'), transformFileSync(join(root, folder, name), OPTIONS).code);
    }
  }
  // The addon is looked for beside src.
  symlinkSync(join(root, 'build'), join(out, 'build'));
  const program = join(out, 'test/fuzz/program.js');
  const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
