/** Folders created with what is missing above them, on real file systems, /proc among them. */
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/lib/base/index.js';
import { prepareFolder } from '../../../src/lib/sink/spool/access.js';
import { makeFolders } from '../../../src/lib/sink/spool/make-folders.js';
import { remove, temporaryDirectory } from './spool-rig.js';

const directory = temporaryDirectory();
const at = (...names: string[]) => join(directory, ...names);

afterAll(() => remove(directory));

test('creates missing folders, returns the outermost, and nothing the second time', () => {
  mkdirSync(at('there'));
  expect(makeFolders(at('there', 'a', 'b', 'c'), 0o750)).toBe(at('there', 'a'));
  expect(['a', 'a/b', 'a/b/c'].map((name) => statSync(at('there', name)).mode & 0o777)).toEqual([0o750, 0o750, 0o750]);
  expect(makeFolders(at('there', 'a', 'b', 'c'), 0o750)).toBe(null);
});

test.each([
  ['below /proc, where Node never returns', () => '/proc/nope/spool', 'ENOENT'],
  ['a file', () => at('file'), 'ENOTDIR'],
  ['below a file', () => at('file', 'spool'), 'ENOTDIR'],
  ['a link to nowhere', () => at('link'), 'EEXIST'],
  ['a link to itself', () => at('loop', 'spool'), 'ELOOP'],
])('refuses at once: %s', (_, path, code) => {
  writeFileSync(at('file'), '', { flag: 'a' });
  for (const [link, to] of [
    ['link', 'nowhere'],
    ['loop', 'loop'],
  ]) {
    try {
      symlinkSync(at(to), at(link));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EEXIST');
    }
  }
  expect(() => makeFolders(path(), 0o750)).toThrow(expect.objectContaining({ code }));
  expect(() => prepareFolder(path())).toThrow(UsageError);
});
