/** Excessive texts: parsing ends soon, reports why once, and the tree can be walked by recursion. */
import { expect, test } from '@jest/globals';
import { Diagnostics } from '../../src/lib/route/diagnostics.js';
import { parseRoutes, parseScript } from '../../src/lib/route/parser.js';
import { printScript } from '../../src/lib/route/printer.js';
import { Source } from '../../src/lib/route/source.js';
import { DEFAULT_LIMITS } from '../../src/lib/route/limits.js';

const MANY = 30_000;

test.each<[string, string, string]>([
  ['tokens', 'exit;'.repeat(60_000), '1:250001 the script has more than 100000 tokens'],
  ['blocks', '{'.repeat(MANY), '1:101 blocks and parentheses are nested deeper than 100 levels'],
  ['parentheses', `$x = ${'('.repeat(MANY)}`, '1:105 blocks and parentheses are nested deeper than 100 levels'],
  ['negations', `$x = ${'!'.repeat(MANY)}$y;`, '1:105 blocks and parentheses are nested deeper than 100 levels'],
  ['signs', `$x = ${'- '.repeat(MANY)}$y;`, '1:204 blocks and parentheses are nested deeper than 100 levels'],
  ['calls', `$x = ${'f('.repeat(MANY)}`, '1:204 blocks and parentheses are nested deeper than 100 levels'],
  ['operators', `$x = 1${' + 1'.repeat(MANY)};`, "1:1608 expected a shorter expression, found '+'"],
  [
    'operators in parentheses',
    `$x = ${'('.repeat(50)}1${`${' && 1'.repeat(20)})`.repeat(50)};`,
    "1:2078 expected a shorter expression, found '&&'",
  ],
  ['else-ifs', 'if (1) ; else '.repeat(10_000), '1:5615 more than 400 else-ifs in a chain'],
  ['else-ifs in each other', `${`${'if (1) ; else '.repeat(90)}{`.repeat(20)}`, '1:5619 more than 400 else-ifs in a chain'],
  ['arguments', `f(${'1,'.repeat(MANY)}1);`, '1:45 f() has too many arguments'],
])('%s', (_caption, text, logged) => {
  const source = new Source('x', text);
  const diagnostics = new Diagnostics();
  const script = parseRoutes(source, diagnostics);
  const { line, column } = source.lineColumn(diagnostics.list()[0].place.from);
  expect(`${line}:${column} ${diagnostics.list()[0].message}`).toBe(logged);
  expect(printScript(script).length).toBeLessThan(2_000_000);
});

test.each(['$(x', '$x(', '"$x(', '"$(x', "'", '/*', '$', '@', '0x', 'x"', '[', 'route', '\\', '()', '$x=', 'else '])(
  '%j repeated',
  (piece) => {
    const text = piece.repeat(50_000);
    for (const parse of [parseRoutes, parseScript]) {
      const diagnostics = new Diagnostics();
      parse(new Source('x', text), diagnostics);
      expect(diagnostics.list().length).toBeLessThanOrEqual(DEFAULT_LIMITS.maxErrors + 1);
    }
  },
  5000,
);

test('errors beyond the limit are counted, not kept', () => {
  const diagnostics = new Diagnostics(3);
  parseRoutes(new Source('x', Array.from({ length: 10 }, (_, i) => `word${'x'.repeat(i)} ;\n`).join('')), diagnostics);
  expect(diagnostics.errorCount).toBe(10);
  expect(diagnostics.list().map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "error: invalid statement 'word'",
    "error: invalid statement 'wordx'",
    "error: invalid statement 'wordxx'",
    'note: more than 3 errors: the rest is not shown',
  ]);
});

test('exactly as many errors as are kept', () => {
  const diagnostics = new Diagnostics(3);
  parseRoutes(new Source('x', '$x = ;\n'.repeat(3)), diagnostics);
  expect(diagnostics.list().map(({ severity }) => severity)).toEqual(['error', 'error', 'error']);
});
