import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Script } from '../../src/lib/route/ast.js';
import { Diagnostics, formatDiagnostics } from '../../src/lib/route/diagnostics.js';
import { parseRoutes, parseScript } from '../../src/lib/route/parser.js';
import { printHead, printScript } from '../../src/lib/route/printer.js';
import { Source } from '../../src/lib/route/source.js';

function read(text: string, parse = parseScript): Script {
  const source = new Source('x', text);
  const diagnostics = new Diagnostics();
  const script = parse(source, diagnostics);
  expect(formatDiagnostics(source, diagnostics.list())).toBe('');
  return script;
}

function fixture(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

test('the whole language, printed', () => {
  expect(printScript(read(fixture('kitchen-sink.cfg')))).toBe(fixture('kitchen-sink.printed.cfg'));
});

test('printed output prints the same again', () => {
  const printed = fixture('kitchen-sink.printed.cfg');
  expect(printScript(read(printed))).toBe(printed);
});

test.each([
  ['$x = ! ~5;', 'route {\n  $x = ! ~5;\n}\n'],
  ['$x = - - 5 + yes;', 'route {\n  $x = 5 + yes;\n}\n'],
  ["route['a b'] { ; }", 'route["a b"] {\n}\n'],
  ["loadmodule 'a\"b.so' exit;", "loadmodule 'a\"b.so'\n"],
])('%s', (written, printed) => {
  const diagnostics = new Diagnostics();
  expect(printScript(parseRoutes(new Source('x', written), diagnostics))).toContain(printed);
});

test('heads of statements, for explanations', () => {
  const script = read(
    'if ($x == 1) { exit; } while ($y) ; switch ($z) { case 1: drop; } $x = 1; f(, "a"); return 2; drop; { }',
    parseRoutes,
  );
  expect(script.routes[0].body.statements.map((one) => printHead(script.source, one))).toEqual([
    'if ($x == 1)',
    'while ($y)',
    'switch ($z)',
    '$x = 1',
    'f(, "a")',
    'return 2',
    'drop',
    '{ ... }',
  ]);
});
