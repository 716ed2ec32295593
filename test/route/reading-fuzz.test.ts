/** Damaged scripts with a fixed seed: parsing never throws, and what parses without errors prints to something that parses the same. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Diagnostics, formatDiagnostics } from '../../src/lib/route/diagnostics.js';
import { parseRoutes, parseScript } from '../../src/lib/route/parser.js';
import { printScript } from '../../src/lib/route/printer.js';
import { Source, type Place } from '../../src/lib/route/source.js';

const KITCHEN_SINK = readFileSync(new URL('kitchen-sink.cfg', import.meta.url), 'utf8');
const PIECES = [
  'route',
  'route[a]',
  'onreply_route',
  'if',
  'else',
  'while',
  'switch',
  'case',
  'default',
  'break',
  'return',
  'exit',
  'drop',
  'and',
  'or',
  'not',
  'null',
  'method',
  'INVITE',
  'xlog',
  'sip_capture',
  'async',
  'modparam',
  'loadmodule',
  'log_level',
  'socket',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ';',
  ',',
  ':',
  '=',
  '==',
  '!=',
  '<',
  '>=',
  '=~',
  '!~',
  '&&',
  '||',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '~',
  '<<',
  ':=',
  '+=',
  '.',
  '1',
  '0x1f',
  '10.0.0.1',
  '1x',
  '"a"',
  "'b'",
  '"$rm"',
  '"',
  "'",
  '$rm',
  '$var(x)',
  '$(hdr(a)[1])',
  '$',
  '$(',
  '$var(',
  '#',
  '//',
  '/*',
  '*/',
  '\\',
  '\n',
  '\n',
  '\u0000',
  'ü',
];

/** Parses a text by both entry points; returns how many parsed without errors. */
function read(text: string): number {
  let clean = 0;
  for (const parse of [parseScript, parseRoutes]) {
    const source = new Source('x', text);
    const diagnostics = new Diagnostics();
    const script = parse(source, diagnostics);
    formatDiagnostics(source, diagnostics.list());
    const isOutside = ({ from, to }: Place) => from < 0 || from > to || to > text.length;
    expect(diagnostics.list().filter(({ place }) => isOutside(place))).toEqual([]);
    const printed = printScript(script);
    if (diagnostics.errorCount > 0) continue;
    clean++;
    const again = new Diagnostics();
    expect(printScript(parseScript(new Source('x', printed), again))).toBe(printed);
    expect(again.errorCount).toBe(0);
  }
  return clean;
}

/** Linear congruential; the same numbers in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

test('each prefix of a script', () => {
  for (let length = 0; length <= KITCHEN_SINK.length; length++) read(KITCHEN_SINK.slice(0, length));
});

test('a script with one character or fragment removed, doubled or changed', () => {
  const random = randomOf(6);
  let clean = 0;
  for (let i = 0; i < 1000; i++) {
    const at = random(KITCHEN_SINK.length);
    const length = random(3) === 0 ? random(40) : 1;
    const put = [() => '', () => KITCHEN_SINK.slice(at, at + 2 * length), () => PIECES[random(PIECES.length)]][random(3)]();
    clean += read(KITCHEN_SINK.slice(0, at) + put + KITCHEN_SINK.slice(at + length));
  }
  expect(clean).toBeGreaterThan(100);
});

test('random tokens', () => {
  const random = randomOf(66);
  let clean = 0;
  for (let i = 0; i < 6000; i++) {
    let text = random(3) === 0 ? 'route { ' : '';
    for (let count = random(30); count >= 0; count--) text += PIECES[random(PIECES.length)] + (random(4) === 0 ? '' : ' ');
    clean += read(random(3) === 0 ? `${text}}` : text);
  }
  expect(clean).toBeGreaterThan(100);
});
