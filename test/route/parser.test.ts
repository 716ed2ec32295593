import { describe, expect, test } from '@jest/globals';
import type { Script } from '../../src/lib/route/ast.js';
import { Diagnostics, type Diagnostic } from '../../src/lib/route/diagnostics.js';
import { parseRoutes, parseScript } from '../../src/lib/route/parser.js';
import { Source } from '../../src/lib/route/source.js';

/** A tree without places: they are asserted apart, where they are what is asked for. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !/place$/i.test(key) && key !== 'source')
      .map(([key, value]) => [key, bare(value)]),
  );
}

function parsed(text: string, parse = parseRoutes): { script: Script; logged: Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const script = parse(new Source('x', text), diagnostics);
  return { script, logged: diagnostics.list() };
}

/** The one statement of a text. */
function statement(text: string): unknown {
  const { script, logged } = parsed(text);
  expect(logged).toEqual([]);
  expect(script.routes.map(({ kind, name }) => [kind, name])).toEqual([['route', '']]);
  expect(script.routes[0].body.statements).toHaveLength(1);
  return bare(script.routes[0].body.statements[0]);
}

/** An expression with parentheses around each operation: `((a && b) || c)`. */
function grouped(node: unknown): string {
  const one = node as {
    kind: string;
    operator: string;
    left: unknown;
    right: unknown;
    operand: unknown;
    inner: unknown;
    name: string;
    value: number;
  };
  if (one.kind === 'binary') return `(${grouped(one.left)} ${one.operator} ${grouped(one.right)})`;
  if (one.kind === 'unary') return `(${one.operator} ${grouped(one.operand)})`;
  if (one.kind === 'group') return `[${grouped(one.inner)}]`;
  return one.kind === 'variable' ? one.name : String(one.value);
}

const variable = (name: string, argument: string | null = null, more: object = {}) => ({
  kind: 'variable',
  name,
  argument,
  inner: null,
  context: '',
  index: null,
  transformations: [],
  rest: '',
  ...more,
});
const text = (...parts: unknown[]) => ({ kind: 'text', parts, plain: parts.join(''), quote: '"' });
const number = (value: number) => ({ kind: 'number', value });

describe('operators', () => {
  test.each([
    ['$a && $b || $c and $d or $e', '((((a && b) || c) && d) || e)'],
    ['$a || $b && $c', '((a || b) && c)'],
    ['!$a == $b', '(! (a == b))'],
    ['not not $a && $b', '((! (! a)) && b)'],
    ['$a == $b + $c', '(a == (b + c))'],
    ['$a + $b * $c', '((a + b) * c)'],
    ['$a & $b + $c', '(a & (b + c))'],
    ['$a - - 5', '(a - -5)'],
    ['-$a', '(- a)'],
    ['+$a', 'a'],
    ['~ -$a << 2', '((~ (- a)) << 2)'],
    ['($a && $b) == [$c]', '([(a && b)] == [c])'],
  ])('%s', (expression, expected) => {
    expect(grouped((statement(`$x = ${expression};`) as { value: unknown }).value)).toBe(expected);
  });
});

describe('statements', () => {
  test('assignment', () => {
    expect(statement('$var(x) |= 0x1F;')).toEqual({ kind: 'assignment', target: variable('var', 'x'), operator: '|=', value: number(31) });
    expect(statement('$avp(x) := null;')).toEqual({
      kind: 'assignment',
      target: variable('avp', 'x'),
      operator: ':=',
      value: { kind: 'null' },
    });
  });

  test('a call with arguments left empty', () => {
    expect(statement('sip_capture("homer", , "$hdr(X-A)");')).toEqual({
      kind: 'call statement',
      call: {
        kind: 'call',
        name: 'sip_capture',
        arguments: [text('homer'), null, { ...text(variable('hdr', 'X-A')), plain: '$hdr(X-A)' }],
      },
    });
    expect(statement('f();')).toEqual({ kind: 'call statement', call: { kind: 'call', name: 'f', arguments: [] } });
    expect(statement('f(,);')).toEqual({ kind: 'call statement', call: { kind: 'call', name: 'f', arguments: [null, null] } });
  });

  test('names of routes, bare and in quotes', () => {
    const call = (name: string, ...found: unknown[]) => ({ kind: 'call statement', call: { kind: 'call', name, arguments: found } });
    const route = (name: string) => ({ kind: 'route name', name });
    expect(statement('route(store);')).toEqual(call('route', route('store')));
    expect(statement('route("store");')).toEqual(call('route', route('store')));
    expect(statement('route(1);')).toEqual(call('route', route('1')));
    expect(statement('async(sip_capture(), resume);')).toEqual(
      call('async', { kind: 'call', name: 'sip_capture', arguments: [] }, route('resume')),
    );
  });

  test('if, else if, else; parentheses around the whole condition are dropped', () => {
    const exit = { kind: 'exit' };
    expect(statement('if ($a) exit; else if ($b) { drop; } else return -1;')).toEqual({
      kind: 'if',
      condition: variable('a'),
      then: exit,
      otherwise: {
        kind: 'if',
        condition: variable('b'),
        then: { kind: 'block', statements: [{ kind: 'drop' }] },
        otherwise: { kind: 'return', value: number(-1), results: [] },
      },
    });
    expect(statement('if ($a) && ($b) exit;')).toEqual({
      kind: 'if',
      then: exit,
      otherwise: null,
      condition: {
        kind: 'binary',
        operator: '&&',
        left: { kind: 'group', inner: variable('a') },
        right: { kind: 'group', inner: variable('b') },
      },
    });
    expect(statement('if method == INVITE exit;')).toEqual({
      kind: 'if',
      then: exit,
      otherwise: null,
      condition: { kind: 'binary', operator: '==', left: variable('rm'), right: text('INVITE') },
    });
  });

  test('while and switch', () => {
    expect(statement('while ($a) { }')).toEqual({ kind: 'while', condition: variable('a'), body: { kind: 'block', statements: [] } });
    expect(statement('switch ($a) { case 1: case "b": break; default: exit(); }')).toEqual({
      kind: 'switch',
      value: variable('a'),
      cases: [
        { value: number(1), statements: [] },
        { value: text('b'), statements: [{ kind: 'break' }] },
        { value: null, statements: [{ kind: 'exit' }] },
      ],
    });
  });

  test.each([
    ['return;', { kind: 'return', value: null, results: [] }],
    ['return();', { kind: 'return', value: null, results: [] }],
    ['return(2);', { kind: 'return', value: { kind: 'group', inner: number(2) }, results: [] }],
    ['return $rc;', { kind: 'return', value: variable('rc'), results: [] }],
    ['drop();', { kind: 'drop' }],
  ])('%s', (written, expected) => {
    expect(statement(written)).toEqual(expected);
  });
});

describe('variables', () => {
  test.each([
    ['$hdr( X-A )', variable('hdr', 'X-A')],
    ['$(hdr(Via)[-1])', variable('hdr', 'Via', { index: -1 })],
    ['$(ru{uri.host})', variable('ru', null, { transformations: [{ name: 'uri.host', arguments: [], plain: '' }] })],
    [
      '$(hdr(X)[1]{s.select,0,$rm})',
      variable('hdr', 'X', {
        index: 1,
        transformations: [{ name: 's.select', arguments: [{ parts: ['0'] }, { parts: [variable('rm')] }], plain: '0,$rm' }],
      }),
    ],
    ['$var($avp(n))', variable('var', '$avp(n)', { inner: variable('avp', 'n') })],
    ['$time(%H:%M (%Z))', variable('time', '%H:%M (%Z)')],
  ])('%s', (written, expected) => {
    expect((statement(`$x = ${written};`) as { value: unknown }).value).toEqual(expected);
    // The same in a string.
    expect((statement(`$x = "${written}";`) as { value: unknown }).value).toEqual({
      kind: 'text',
      parts: [expected],
      plain: written,
      quote: '"',
    });
  });

  test.each([
    ['"a$rm(b)"', ['a', variable('rm'), '(b)']],
    ['"$rU@$rd;$$x $ 5$"', [variable('rU'), '@', variable('rd'), ';$x $ 5$']],
    ['"\\"\\n\\t\\x41\\101\\\\ \\d"', ['"\n\tAA\\ \\d']],
    ["'\\n$rm'", ['\\n', variable('rm')]],
    ['""', []],
  ])('%s', (written, parts) => {
    expect((statement(`$x = ${written};`) as { value: { parts: unknown } }).value.parts).toEqual(parts);
  });
});

describe('a script', () => {
  test('has parameters, modules, their parameters and routes', () => {
    const { script, logged } = parsed(
      `log_level = 3 # three
      socket=hep_udp:127.0.0.1:9060
      mpath="/usr/lib/"
      loadmodule "x/sipcapture.so" modparam("a|b", "name", -0x10);
      modparam('sipcapture', "db_url", "my$x(sql")
      route[0] { } timer_route[t, 5] { }`,
      parseScript,
    );
    expect(logged).toEqual([]);
    expect(bare(script)).toEqual({
      parameters: [
        { name: 'log_level', value: '3', wasQuoted: false },
        { name: 'socket', value: 'hep_udp:127.0.0.1:9060', wasQuoted: false },
        { name: 'mpath', value: '/usr/lib/', wasQuoted: true },
      ],
      modules: [{ name: 'sipcapture', path: 'x/sipcapture.so' }],
      moduleParameters: [
        { modules: ['a', 'b'], name: 'name', value: -16 },
        { modules: ['sipcapture'], name: 'db_url', value: 'my$x(sql' },
      ],
      routes: [
        { kind: 'route', name: '', seconds: -1, body: { kind: 'block', statements: [] } },
        { kind: 'timer_route', name: 't', seconds: 5, body: { kind: 'block', statements: [] } },
      ],
    });
  });

  test('has the position of its parts', () => {
    const written = 'modparam("a", "b", 1)\nroute[r] { $x = "y"; }';
    const { script } = parsed(written, parseScript);
    const spelling = ({ from, to }: { from: number; to: number }) => written.slice(from, to);
    const [{ place, modulesPlace, namePlace, valuePlace }] = script.moduleParameters;
    expect([place, modulesPlace, namePlace, valuePlace].map(spelling)).toEqual(['modparam("a", "b", 1)', '"a"', '"b"', '1']);
    const [route] = script.routes;
    const [first] = route.body.statements;
    expect([route.place, route.headPlace, first.place].map(spelling)).toEqual(['route[r] { $x = "y"; }', 'route[r]', '$x = "y"']);
  });

  test('bare statements among routes are the main route', () => {
    const { script, logged } = parsed('route(a);\nroute[a] { exit; }\nscript_version=3\ndrop;');
    expect(logged).toEqual([]);
    expect(script.routes.map(({ name, body }) => [name, body.statements.map(({ kind }) => kind)])).toEqual([
      ['', ['call statement', 'drop']],
      ['a', ['exit']],
    ]);
    expect(script.parameters.map(({ name, value }) => [name, value])).toEqual([['script_version', '3']]);
  });

  test.each(['', '  # nothing\n', ';;'])('without routes: %j', (written) => {
    const { script, logged } = parsed(written);
    expect([script.routes, logged]).toEqual([[], []]);
  });
});

test('an error has its position, and parsing continues', () => {
  const { script, logged } = parsed('$x = ; exit;');
  expect(logged).toEqual([
    { severity: 'error', place: { from: 5, to: 6 }, message: "expected a value, found ';'", repair: '', others: [] },
  ]);
  expect(script.routes[0].body.statements.map(({ kind }) => kind)).toEqual(['assignment', 'exit']);
});
