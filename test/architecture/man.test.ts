/** The man pages: those of the manifest, one for each command and topic, in order for man(1), and listed for npm. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { missing } from '../rigs/system-package.js';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sipcap-man-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = readdirSync(join(root, 'man')).sort();

test('made again they are the same, and package.json lists them', () => {
  mkdirSync(join(folder, 'scripts'));
  for (const file of ['oclif.manifest.json', 'package.json', 'scripts/make-man.mjs']) cpSync(join(root, file), join(folder, file));
  execFileSync('node', ['scripts/make-man.mjs'], { cwd: folder });
  expect(readdirSync(join(folder, 'man')).sort()).toEqual(pages);
  for (const page of pages) expect(readFileSync(join(folder, 'man', page), 'utf8')).toBe(readFileSync(join(root, 'man', page), 'utf8'));
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(readFileSync(join(root, 'package.json'), 'utf8'));
});

test('every command and every topic has a page', () => {
  const ids = Object.keys((JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as { commands: object }).commands);
  const names = new Set(['sipcap', ...ids.flatMap((id) => [`sipcap-${id.replaceAll(':', '-')}`, `sipcap-${id.split(':')[0]}`])]);
  expect(pages).toEqual([...names].map((name) => `${name}.1`).sort());
});

test('man has nothing to complain of', () => {
  const why = missing('man', 'man-db') || missing('groff', 'groff-base');
  if (why !== '') return console.warn(`skipped: ${why}`);
  const warnings = pages.map((page) => {
    const args = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', join(root, 'man', page)];
    const { status, stderr } = spawnSync('man', args, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' },
    });
    return `${page} ${status} ${stderr}`.trim();
  });
  expect(warnings).toEqual(pages.map((page) => `${page} 0`));
}, 120_000);
