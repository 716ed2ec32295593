import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/lib/base/index.js';
import { globMatches } from '../../../src/lib/capture/file/glob.js';
import { expandNames } from '../../../src/lib/capture/file/names.js';
import { NotedLog, folder, put } from './rig.js';

describe('one segment of a pattern', () => {
  test.each<[string, string, boolean]>([
    ['*', 'a.pcap', true],
    ['*', '', true],
    ['*.pcap', 'a.pcap', true],
    ['*.pcap', 'a.pcapng', false],
    ['*.pcap*', 'a.pcapng', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abced', false],
    ['**a', 'ba', true],
    ['[abc]x', 'bx', true],
    ['[abc]x', 'dx', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'bx', false],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[a-]', '-', true],
    ['[-a]', '-', true],
    ['a[', 'a[', true],
    ['a[b', 'a[b', true],
    ['a[b', 'ab', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?hidden', '.hidden', false],
    ['(a+)+$', '(a+)+$', true],
    ['a.c', 'abc', false],
  ])('%s and %s: %p', (pattern, name, matches) => {
    expect(globMatches(pattern, name)).toBe(matches);
  });

  test('no pattern takes exponential time', () => {
    expect(globMatches(`${'*a'.repeat(40)}b`, 'a'.repeat(2000))).toBe(false);
  });
});

describe('file names', () => {
  const place = folder();
  const at = (name: string) => join(place, name);
  afterAll(() => rmSync(place, { recursive: true }));
  mkdirSync(at('one'));
  mkdirSync(at('two'));
  for (const name of ['b.pcap', 'a.pcap', 'c.txt', 'one/x.pcap', 'two/x.pcap', 'two/y.pcap', 'odd[1].pcap'])
    put(at(name), Buffer.from(name));
  const expand = async (...names: string[]) => {
    const log = new NotedLog();
    return {
      paths: (
        await expandNames(
          names.map((name) => (name === '-' ? name : at(name))),
          log,
        )
      ).map((path) => path.replace(`${place}/`, '')),
      notes: log.lines.length,
    };
  };

  test('a pattern expands to its matches sorted by name, in any part of the path', async () => {
    expect((await expand('[ab].pcap', 'c.txt')).paths).toEqual(['a.pcap', 'b.pcap', 'c.txt']);
    expect((await expand('*/x.pcap')).paths).toEqual(['one/x.pcap', 'two/x.pcap']);
    expect((await expand('t*/*.pcap')).paths).toEqual(['two/x.pcap', 'two/y.pcap']);
  });

  test('names keep the order in which they were given', async () => {
    expect((await expand('c.txt', 'b.pcap', '-', 'a.pcap')).paths).toEqual(['c.txt', 'b.pcap', '-', 'a.pcap']);
  });

  test('an existing name is not a pattern; a missing one is kept, to be reported', async () => {
    expect((await expand('odd[1].pcap', 'not-there.pcap')).paths).toEqual(['odd[1].pcap', 'not-there.pcap']);
  });

  test('a pattern without matches is an error', async () => {
    await expect(expand('*.cap')).rejects.toThrow(UsageError);
    await expect(expand('*.cap')).rejects.toThrow(`no file matches '${at('*.cap')}'`);
    await expect(expand('none/*.pcap')).rejects.toThrow(UsageError);
  });

  test('a file named twice, by any path, is returned once', async () => {
    symlinkSync(at('a.pcap'), at('link.pcap'));
    expect(await expand('a.pcap', 'one/../a.pcap', 'link.pcap', '-', '-')).toEqual({ paths: ['a.pcap', '-'], notes: 3 });
  });

  test('patterns are relative to the working directory', async () => {
    const before = process.cwd();
    process.chdir(place);
    try {
      expect(await expandNames(['[ab].pcap', './t*/y.pcap'], new NotedLog())).toEqual(['a.pcap', 'b.pcap', './two/y.pcap']);
    } finally {
      process.chdir(before);
    }
  });
});
