/** Limits per message: length of texts, statements, and patterns against long texts crafted to be slow. */
import { expect, test } from '@jest/globals';
import { INVITE, Recording, messageOf, ran } from './recording.js';
import { compilePattern } from '../../src/lib/route/pattern.js';

const started = () => performance.now();

test.each([
  ['sum', '$var(x) = $var(x) + $var(x);'],
  ['assignment', '$var(x) += $var(x);'],
  ['text', '$var(x) = "$var(x)$var(x)";'],
  ['transformation', '$var(x) = "$(var(x){s.encode.hexa})";'],
])('a script that doubles a text: the statement fails, the script continues (%s)', (_caption, statement) => {
  const logged = ran(`$var(x) = "ab"; while ($var(i) < 40) { $var(i) += 1; ${statement} } xlog("end");`);
  expect(logged[0]).toMatch(/^failed s\.cfg:\d+:\d+ text of \d+ characters: a script makes no text longer than 65536$/);
  expect(logged.at(-1)).toBe('log -1 end');
});

test('100,000 statements per message, then the script continues after the loops', () => {
  const loop = 'while (1) { $var(a) = 1; $var(b) = 2; $var(c) += 1; }';
  const logged = ran(`$var(c) = 0; while (1) { ${loop} } xlog("c $var(c)");`);
  expect(logged[0]).toMatch(/loop ended after 10000 turns|too many statements/);
  expect(logged.slice(0, -1).every((line) => line.startsWith('failed '))).toBe(true);
  expect(Number(/c (\d+)/.exec(logged.at(-1)!)![1])).toBeLessThanOrEqual(40_000);
  expect(ran('route(x); xlog("end"); route[x] { route(y); route(y); } route[y] { route(x); route(x); }').at(-1)).toBe('log -1 end');
});

test('the limits can be set', () => {
  expect(ran('while (1) { $var(i) += 1; } xlog("$var(i)");', new Recording(), { maxWork: 10 })).toEqual([
    'failed s.cfg:1:1 the script takes too many statements for one message',
    'log -1 9',
  ]);
  expect(ran('$var(x) = "$mb$mb$mb$mb$mb$mb$mb$mb";', new Recording(), { maxText: 1500 })[0]).toContain('longer than 1500');
});

test.each(['(a+)+$', '(a|aa)*b', '(.*a){20}!', '([a-z]+)*x$', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'a pattern with catastrophic backtracking elsewhere ends in milliseconds: %s',
  (pattern) => {
    const context = () => new Recording(messageOf(`${INVITE}${'a'.repeat(50_000)}!`));
    const script = `if ($mb =~ "${pattern}") xlog("yes"); else xlog("no");`;
    ran(script, context());
    const from = started();
    expect(ran(script, context())).toHaveLength(1);
    expect(started() - from).toBeLessThan(1000);
  },
);

test('patterns in a loop over a long text stop at the statement limit of the message', () => {
  const context = new Recording(messageOf(`${INVITE}${'a'.repeat(50_000)}`));
  const logged = ran('while ($var(i) < 9000) { $var(i) += 1; if ($mb =~ "(a+)+x$") exit; } xlog("end");', context);
  expect(logged[0]).toMatch(/the script takes too many statements for one message$/);
  expect(logged.at(-1)).toBe('log -1 end');
});

test.each<[string, string, boolean]>([
  ['[[:alpha:]]+[0-9]', 'ab1', true],
  ['[]x]', ']', true],
  ['[^]x]', ']', false],
  ['a{,2}b', 'b', true],
  ['\\<one\\>', 'it is one', true],
  ['[\\d.]', '7', true],
  ['[[:punct:]]', '-', true],
  ['\\h\\-', 'h-', true],
  ['FRIENDLY', 'friendly', true],
  ['a.c', 'a\nc', true],
  ['x$', 'x\ny', false],
])('pattern %s on %j: %j', (pattern, text, isMatch) => {
  expect(ran(`$var(p) = '${pattern}'; $var(t) = "${text.replaceAll('\n', '\\n')}"; if ($var(t) =~ $var(p)) xlog("yes");`)).toEqual(
    isMatch ? ['log -1 yes'] : [],
  );
});

test.each([
  ['(a)\\\\1', 'back references such as \\1 are not supported'],
  ['a(?=b)', 'invalid or unsupported Perl syntax'],
  ['[[=a=]]', 'collating elements such as [=a are not supported'],
  ['(', 'missing closing )'],
  ['*a', 'missing argument to repetition operator: `*`'],
])('pattern %s is rejected at load', (pattern, why) => {
  expect(() => ran(`if ($rm =~ "${pattern}") exit;`)).toThrow(why);
});

test('body parts and header names are parsed once per message', () => {
  const body = `${'--b\r\nContent-Type: a/b\r\n\r\nx\r\n'.repeat(1800)}--b--\r\n`;
  const head = `${'X: y\r\n'.repeat(2000)}Content-Type: multipart/mixed;boundary=b\r\nContent-Length: ${body.length}\r\n\r\n`;
  const context = new Recording(messageOf(INVITE.slice(0, INVITE.indexOf('\r\n') + 2) + head + body));
  const from = started();
  expect(
    ran('while ($var(i) < 9000) { $var(x) = $(rb[1700]); $var(y) = $(hdr_name[1900]); $var(i) += 1; } xlog("$var(x)$var(y)");', context),
  ).toEqual(['log -1 xX']);
  expect(started() - from).toBeLessThan(1500);
});

test('patterns that would take seconds on a large packet are rejected, ordinary ones are not', () => {
  for (const costly of ['a.{1,900}b.{1,900}c', '(a{0,999}b|(a{0,999}b|(a{0,999}b|c)))'])
    expect(compilePattern(costly)).toMatch(/^it is too expensive: \d+ states, at most 1000/);
  for (const usual of ['^sip:[0-9]{3,15}@', '(sipvicious|friendly-scanner|sipcli)', '[a-z0-9.-]{1,64}@[a-z0-9.-]{1,128}'])
    expect(typeof compilePattern(usual)).toBe('object');
});
