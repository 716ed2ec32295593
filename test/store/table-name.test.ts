/** Table names with a time in them: the result is always a valid table name. */
import { describe, expect, test } from '@jest/globals';
import { strftime, TableName } from '../../src/lib/store/index.js';

const at = (text: string) => Date.parse(text) * 1000;

describe('TableName', () => {
  test.each([
    ['sip_capture', 'sip_capture'],
    ['homer_%m_%d', 'homer_04_13'],
    ['sip_capture_%Y%m%d', 'sip_capture_20140413'],
    ['sip_capture_call_%Y%m%d_%H%M%S', 'sip_capture_call_20140413_130509'],
    ['homer.sip_%j', 'homer.sip_103'],
    ['t%s', 't1397394309'],
    ['$t_%%Y'.replace('%%', '%'), '$t_2014'],
  ])('%s becomes %s', (pattern, name) => {
    expect(new TableName(pattern).at(at('2014-04-13T13:05:09Z'))).toBe(name);
  });

  test('follows the time of the message, forwards and backwards', () => {
    const name = new TableName('c_%Y%m%d_%H%M');
    expect(['2023-12-31T23:59:59.999Z', '2024-01-01T00:00:00Z', '2023-12-31T23:59:00Z'].map((time) => name.at(at(time)))).toEqual([
      'c_20231231_2359',
      'c_20240101_0000',
      'c_20231231_2359',
    ]);
    const seconds = new TableName('c_%S');
    expect([seconds.at(at('2024-01-01T00:00:01Z')), seconds.at(at('2024-01-01T00:00:02Z'))]).toEqual(['c_01', 'c_02']);
  });

  test.each([
    'sip capture',
    'sip;DROP TABLE x',
    'sip"',
    "sip'",
    'sip`',
    'a.b.c',
    '.a',
    'a.',
    '',
    'sip-capture',
    'sip_%c',
    'sip_%D',
    'sip_%F',
    'sip_%n',
    'sip_%%',
    'sip_%',
    'sip_%Q',
    'sip\0',
    'sïp',
    'sip(',
    'x'.repeat(200),
  ])('%j is rejected before anything is stored', (pattern) => {
    expect(() => new TableName(pattern)).toThrow('invalid table name');
  });
});

test('strftime: the conversions of C99 and glibc, in the C locale', () => {
  const date = new Date('2009-01-03T18:15:05Z');
  const all =
    '%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %s %S %t %T %u %U %V %w %W %x %X %y %Y %z %Z %% %Q';
  expect(strftime(all, date)).toBe(
    'Sat Saturday Jan January Sat Jan  3 18:15:05 2009 20 03 01/03/09  3 2009-01-03 09 2009 Jan 18 06 003 18  6 01 15 \n PM pm 06:15:05 PM 18:15 1231006505 05 \t 18:15:05 6 00 01 6 00 01/03/09 18:15:05 09 2009 +0000 GMT % %Q',
  );
  expect(
    ['2008-12-28', '2008-12-29', '2010-01-03', '2010-01-04', '2012-12-31'].map((day) => strftime('%G-%V %U %W', new Date(day))),
  ).toEqual(['2008-52 52 51', '2009-01 52 52', '2009-53 01 00', '2010-01 01 01', '2013-01 53 53']);
});
