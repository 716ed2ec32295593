/** Text for terminals, logs and spreadsheets. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { csvCell, escapedLine, grouped, lineLog, printable, safeJson, shellWord } from '../../src/lib/base/index.js';

const NASTY = 'a\x1b[2J\x07\r\nsipcap: forged\t\x7f\x9b31m\u202egpj.exe\u2028z';

test('integers are grouped as Intl groups them', () => {
  for (const count of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, Number.MAX_SAFE_INTEGER, -1, -123, -1234, -123_456])
    expect(grouped(count)).toBe(count.toLocaleString('en-US'));
});

test('terminal control characters and line breaks are removed', () => {
  expect(printable(NASTY)).toBe('a.[2J...sipcap: forged...31m.gpj.exe.z');
  expect(escapedLine(NASTY)).toBe('a\\x1b[2J\\x07\\r\\nsipcap: forged\\t\\x7f\\x9b31m\\u202egpj.exe\\u2028z');
  const json = safeJson({ text: NASTY });
  // eslint-disable-next-line no-control-regex
  expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  expect(JSON.parse(json)).toEqual({ text: NASTY });
});

test('a word of an advised command is one word of a shell', () => {
  for (const word of ['/var/spool/sipcap', 'sqlite:calls.db', 'with a blank', "it's", '$(id)', 'a;b', ''])
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
  expect(shellWord('/var/spool/sipcap')).toBe('/var/spool/sipcap');
  expect(shellWord('-sp')).toBe('./-sp');
});

test('a log entry is one line', () => {
  let written = '';
  lineLog({ write: (text) => (written += text) }).warn('xlog: one\nsipcap: two\x1b]0;title\x07\n');
  expect(written).toBe('sipcap: xlog: one\\nsipcap: two\\x1b]0;title\\x07\n');
});

describe('CSV', () => {
  test.each([
    ['plain', 'plain', 'plain'],
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"', '"=HYPERLINK(""http://x"")"'],
    ['+cmd|x', "'+cmd|x", '+cmd|x'],
    ['-1+A1', "'-1+A1", '-1+A1'],
    ['@SUM(A1)', "'@SUM(A1)", '@SUM(A1)'],
    ['\t=1', "'\t=1", '\t=1'],
    ['+49 (30) 123-45.6', '+49 (30) 123-45.6', '+49 (30) 123-45.6'],
    ['-5', '-5', '-5'],
    ['a,b\r\n"c"', '"a,b\r\n""c"""', '"a,b\r\n""c"""'],
    ['', '', ''],
    [
      'a\x1b[2J\x00\x07\x7f\x9b31m\u202e\u2028z',
      'a\\x1b[2J\\x00\\x07\\x7f\\x9b31m\\u202e\\u2028z',
      'a\\x1b[2J\\x00\\x07\\x7f\\x9b31m\\u202e\\u2028z',
    ],
    ['over\rwritten\r\n\tnext', '"over\\rwritten\r\n\tnext"', '"over\\rwritten\r\n\tnext"'],
    ['\r=1', '\\r=1', '\\r=1'],
    ['\r\n=1', '"\'\r\n=1"', '"\r\n=1"'],
  ])('%j', (value, cell, raw) => {
    expect([csvCell(value), csvCell(value, true)]).toEqual([cell, raw]);
  });
  test('numbers stay numbers', () => expect(csvCell(-5)).toBe('-5'));
});
