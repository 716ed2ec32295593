import { expect, test } from '@jest/globals';
import { Diagnostics, formatDiagnostic, formatDiagnostics } from '../../src/lib/route/diagnostics.js';
import { Source } from '../../src/lib/route/source.js';
import { didYouMean } from '../../src/lib/route/suggestion.js';

function logged(text: string, from: number, to: number, firstLine = 1): string {
  return formatDiagnostic(new Source('my.cfg', text, firstLine), {
    severity: 'error',
    place: { from, to },
    message: 'wrong',
    repair: '',
    others: [],
  });
}

test('a diagnostic in more than three places is reported once, with the places', () => {
  const source = new Source('my.cfg', Array.from({ length: 12 }, (_, i) => `line ${i}`).join('\n'));
  const diagnostics = new Diagnostics();
  diagnostics.note({ from: 0, to: 1 }, 'a note comes behind the errors');
  for (let at = 77; at >= 7; at -= 7) diagnostics.error({ from: at, to: at + 4 }, 'not available here', 'leave it out');
  for (let at = 0; at < 3; at++) diagnostics.error({ from: at, to: at + 1 }, 'three');
  expect(diagnostics.errorCount).toBe(14);
  expect(
    formatDiagnostics(source, diagnostics.list())
      .split('\n')
      .filter((line) => !/^ {4}(?:line|\s*\^)/.test(line)),
  ).toEqual([
    'my.cfg:1:1: three',
    'my.cfg:1:2: three',
    'my.cfg:1:3: three',
    'my.cfg:2:1: not available here (11 places)',
    '    also at 3:1, 4:1, 5:1, 6:1, 7:1, 8:1, 9:1, 10:1 and 2 more',
    '    note: leave it out',
    'my.cfg:1:1: note: a note comes behind the errors',
    '',
  ]);
});

test('errors first, then warnings, then notes', () => {
  const diagnostics = new Diagnostics();
  diagnostics.note({ from: 4, to: 5 }, 'third', 'do this');
  diagnostics.error({ from: 0, to: 1 }, 'first');
  diagnostics.warn({ from: 2, to: 3 }, 'second');
  expect(formatDiagnostics(new Source('my.cfg', 'a b\nc'), diagnostics.list())).toBe(
    [
      'my.cfg:1:1: first',
      '    a b',
      '    ^',
      'my.cfg:1:3: warning: second',
      '    a b',
      '      ^',
      'my.cfg:2:1: note: third',
      '    c',
      '    ^',
      '    note: do this',
      '',
    ].join('\n'),
  );
});

test.each<[string, string, number, number, number, string[]]>([
  ['carets end with the line', 'ab\ncd', 1, 5, 1, ['1:2: wrong', '    ab', '     ^']],
  ['a block knows the line it begins on', 'ab\r\ncd\r\n', 5, 6, 40, ['41:2: wrong', '    cd', '     ^']],
  ['an empty line is not shown', 'ab\n', 3, 3, 1, ['2:1: wrong']],
  ['behind the end', 'ab', 9, 9, 1, ['1:3: wrong', '    ab', '      ^']],
  ['tabs and control characters take one column', '\ta\u001b[31mb', 7, 8, 1, ['1:8: wrong', '     a?[31mb', '           ^']],
  ['a long line is cut behind', 'x'.repeat(100), 0, 1, 1, ['1:1: wrong', `    ${'x'.repeat(80)}...`, '    ^']],
  ['a long line is cut before', `${'x'.repeat(99)}y`, 99, 100, 1, ['1:100: wrong', `    ...${'x'.repeat(79)}y`, `    ${' '.repeat(82)}^`]],
  [
    'a long line is cut on both sides',
    `${'x'.repeat(150)}y${'x'.repeat(150)}`,
    150,
    151,
    1,
    ['1:151: wrong', `    ...${'x'.repeat(20)}y${'x'.repeat(59)}...`, `    ${' '.repeat(23)}^`],
  ],
])('%s', (_caption, text, from, to, firstLine, lines) => {
  expect(logged(text, from, to, firstLine)).toBe(`my.cfg:${lines.join('\n')}`);
});

test.each([
  ['hep_rely', "did you mean 'hep_relay'?"],
  ['HEP_RELAY', "did you mean 'hep_relay'?"],
  ['ehp_set', "did you mean 'hep_set'?"],
  ['sip', ''],
  ['', ''],
  ['quite_another', ''],
])('%s', (word, repair) => {
  expect(didYouMean(word, ['hep_relay', 'hep_set', 'sip_capture'])).toBe(repair);
});
