/** Expressions and calls. The rule above each function is the grammar's. */
import type { BinaryOperator, CallExpression, Expression, TextLiteral } from './ast.js';
import type { Cursor } from './cursor.js';
import { logLevelOf } from './functions.js';
import { didYouMean } from './suggestion.js';
import { constantText, readText } from './template.js';
import type { TokenKind } from './token-kind.js';
import { readVariable } from './variable-text.js';
import { OLD_WORDS } from './variables.js';

const COMPARISONS: ReadonlySet<TokenKind> = new Set<TokenKind>(['==', '!=', '<', '<=', '>', '>=', '=~', '!~']);
const BITS: ReadonlySet<TokenKind> = new Set<TokenKind>(['&', '|', '^', '<<', '>>']);
const SUMS: ReadonlySet<TokenKind> = new Set<TokenKind>(['+', '-', '*', '/', '%']);

/** condition = negation { ( "&&" | "||" | "and" | "or" ) negation } */
export function parseCondition(cursor: Cursor): Expression {
  return cursor.deeper(nothing(cursor), () => {
    let left = parseNegation(cursor);
    for (;;) {
      const operator = cursor.is('&&') || cursor.isWord('and') ? '&&' : cursor.is('||') || cursor.isWord('or') ? '||' : null;
      if (operator === null || isTooLong(cursor)) return left;
      cursor.take();
      left = binary(operator, left, parseNegation(cursor));
    }
  });
}

/** negation = ( "!" | "not" ) negation | comparison */
function parseNegation(cursor: Cursor): Expression {
  if (!cursor.is('!') && !cursor.isWord('not')) return parseComparison(cursor);
  const { from } = cursor.take();
  return cursor.deeper<Expression>(nothing(cursor), () => {
    const operand = parseNegation(cursor);
    return { kind: 'unary', place: { from, to: operand.place.to }, operator: '!', operand };
  });
}

/** comparison = value [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~" ) value ] */
function parseComparison(cursor: Cursor): Expression {
  const left = parseValue(cursor);
  if (cursor.is('=')) {
    cursor.unexpected('an operator', "'=' sets a variable; '==' compares");
    cursor.take();
    return binary('==', left, parseValue(cursor));
  }
  if (!COMPARISONS.has(cursor.token.kind)) return left;
  const operator = cursor.take().kind as BinaryOperator;
  return binary(operator, left, bareWord(cursor) ?? parseValue(cursor));
}

/** value = term { ( "&" | "|" | "^" | "<<" | ">>" ) term } */
export function parseValue(cursor: Cursor): Expression {
  return chain(cursor, BITS, parseTerm);
}

/** term = unary { ( "+" | "-" | "*" | "/" | "%" ) unary } */
function parseTerm(cursor: Cursor): Expression {
  return chain(cursor, SUMS, parseUnary);
}

/** unary = ( "-" | "+" | "~" ) unary | primary */
function parseUnary(cursor: Cursor): Expression {
  if (!cursor.is('-') && !cursor.is('~') && !cursor.is('+')) return parsePrimary(cursor);
  const { kind, from } = cursor.take();
  return cursor.deeper<Expression>(nothing(cursor), () => {
    const operand = parseUnary(cursor);
    if (kind === '+') return operand;
    const place = { from, to: operand.place.to };
    if (kind === '-' && operand.kind === 'number') return { kind: 'number', place, value: -operand.value };
    return { kind: 'unary', place, operator: kind as '-' | '~', operand };
  });
}

/** primary = NUMBER | STRING | ADDRESS | VARIABLE | "null" | call | "(" condition ")" | "[" condition "]" */
function parsePrimary(cursor: Cursor): Expression {
  const { text } = cursor.source;
  const { kind, from, to } = cursor.token;
  const place = { from, to };
  switch (kind) {
    case 'number': {
      cursor.take();
      const value = Number(text.slice(from, to));
      if (!Number.isNaN(value) && value > 0x7fffffffffff) cursor.diagnostics.error(place, `number ${text.slice(from, to)} is too large`);
      return { kind: 'number', place, value: Number.isNaN(value) ? 0 : value };
    }
    case 'string':
      cursor.take();
      return readText(text, from, to, cursor.diagnostics);
    case 'address':
      cursor.take();
      return { kind: 'address', place, text: text.slice(from, to) };
    case 'variable':
      cursor.take();
      if (TRANSFORMATION.test(text.slice(to, to + 40))) skipTransformation(cursor, text.slice(from, to));
      return readVariable(text, from, to);
    case '(':
    case '[': {
      cursor.take();
      const inner = parseCondition(cursor);
      if (!cursor.expect(kind === '(' ? ')' : ']')) {
        cursor.recoverInParentheses();
        cursor.skip(')');
      }
      return { kind: 'group', place: cursor.placeFrom(from), inner };
    }
    case 'name':
      return parseWord(cursor);
    default:
      cursor.unexpected('a value');
      return nothing(cursor);
  }
}

const TRANSFORMATION = /^\{[a-z0-9]+\.[a-z]/;

/** `$rU{s.len}`: the intention is clear, and reading continues after it. */
function skipTransformation(cursor: Cursor, variable: string): void {
  const { from } = cursor.token;
  while (!cursor.atEnd() && !cursor.is('}') && !cursor.is(';')) cursor.take();
  cursor.skip('}');
  const place = cursor.placeFrom(from);
  const written = cursor.source.text.slice(from, place.to);
  cursor.diagnostics.error(place, 'a transformation requires parentheses around its variable', `write $(${variable.slice(1)}${written})`);
}

/** A string outside any expression: variables in it are plain text. */
export function parseText(cursor: Cursor): TextLiteral {
  const { from, to } = cursor.take();
  return readText(cursor.source.text, from, to);
}

function parseWord(cursor: Cursor): Expression {
  const word = cursor.word();
  const { from, to } = cursor.take();
  const place = { from, to };
  if (cursor.is('(')) return parseCall(cursor, word, from);
  if (word === 'null' || word === 'NULL') return { kind: 'null', place };
  if (word === 'yes' || word === 'no' || word === 'true' || word === 'false' || word === 'on' || word === 'off') {
    return { kind: 'number', place, value: word === 'yes' || word === 'true' || word === 'on' ? 1 : 0 };
  }
  // `$xlog_level = L_DBG`.
  const level = /^L_[A-Z]+$/.test(word) ? logLevelOf(word) : NaN;
  if (!Number.isNaN(level)) return { kind: 'number', place, value: level };
  const variable = OLD_WORDS.get(word);
  if (variable !== undefined)
    return {
      kind: 'variable',
      place,
      name: variable,
      context: '',
      argument: null,
      inner: null,
      index: null,
      transformations: [],
      rest: '',
    };
  cursor.diagnostics.error(
    place,
    `unexpected '${word}'`,
    didYouMean(word, ['null', 'and', 'or', 'not', ...OLD_WORDS.keys()]) ||
      "text requires quotes, variables begin with '$', function calls need parentheses",
  );
  return { kind: 'null', place };
}

/** After a comparison a bare word is text: `method == INVITE`. */
function bareWord(cursor: Cursor): TextLiteral | null {
  if (!cursor.is('name')) return null;
  const word = cursor.word();
  if (
    word === 'null' ||
    word === 'NULL' ||
    OLD_WORDS.has(word) ||
    !/^[A-Za-z][A-Za-z0-9]*$/.test(word) ||
    cursor.source.text[cursor.token.to] === '('
  )
    return null;
  const { from, to } = cursor.take();
  return { kind: 'text', place: { from, to }, parts: [word], plain: word, quote: '"' };
}

/** call = NAME "(" [ argument { "," argument } ] ")" */
export function parseCall(cursor: Cursor, name: string, from: number): CallExpression {
  const namePlace = { from, to: cursor.end };
  cursor.expect('(');
  const found: (Expression | null)[] = [];
  let isOpen = !cursor.is(')');
  while (isOpen) {
    found.push(cursor.is(',') || cursor.is(')') ? null : parseArgument(cursor, name, found.length));
    isOpen = cursor.skip(',');
    if (found.length > 20 && isOpen) {
      cursor.diagnostics.error(cursor.token, `${name}() has too many arguments`);
      cursor.recoverInParentheses();
      break;
    }
  }
  if (!cursor.is(')')) {
    cursor.unexpected("',' or ')'");
    cursor.recoverInParentheses();
  }
  cursor.skip(')');
  return { kind: 'call', place: cursor.placeFrom(from), name, namePlace, arguments: found };
}

/** argument = condition, or a route's name where one is expected */
function parseArgument(cursor: Cursor, call: string, index: number): Expression {
  const wantsRoute = (call === 'route' && index === 0) || ((call === 'async' || call === 'launch') && index === 1);
  if (RAW_ARGUMENTS.test(call) && cursor.is('name') && cursor.nextCharacter() !== '(') return rawArgument(cursor);
  if (wantsRoute && (cursor.is('name') || cursor.is('number'))) {
    const name = cursor.word();
    const { from, to } = cursor.take();
    return { kind: 'route name', place: { from, to }, name };
  }
  const value = parseCondition(cursor);
  const name = wantsRoute && value.kind === 'text' ? constantText(value) : null;
  return name === null ? value : { kind: 'route name', place: value.place, name };
}

/** Functions that take a bare word: `setflag(ACC)`, `force_send_socket(udp:127.0.0.1:5060)`. */
const RAW_ARGUMENTS = /^(?:re)?setb?flag$|^isb?flagset$|^force_send_socket$|^set_advertised_/;

function rawArgument(cursor: Cursor): TextLiteral {
  const { from } = cursor.token;
  while (!cursor.atEnd() && !cursor.is(',') && !cursor.is(')') && !cursor.is(';') && !cursor.token.onNewLine) cursor.take();
  const place = cursor.placeFrom(from);
  const text = cursor.source.text.slice(from, place.to);
  return { kind: 'text', place, parts: [text], plain: text, quote: '"' };
}

function chain(cursor: Cursor, operators: ReadonlySet<TokenKind>, parse: (cursor: Cursor) => Expression): Expression {
  let left = parse(cursor);
  while (operators.has(cursor.token.kind) && !isTooLong(cursor)) {
    const operator = cursor.take().kind as BinaryOperator;
    left = binary(operator, left, parse(cursor));
  }
  return left;
}

function isTooLong(cursor: Cursor): boolean {
  if (++cursor.operators <= cursor.limits.maxChain) return false;
  cursor.unexpected('a shorter expression', `an expression has at most ${cursor.limits.maxChain} operators`);
  return true;
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', place: { from: left.place.from, to: right.place.to }, operator, left, right };
}

/** Replaces what could not be read; the error was reported. */
function nothing(cursor: Cursor): Expression {
  return { kind: 'null', place: { from: cursor.token.from, to: cursor.token.from } };
}
