/** Statements. The rule above each function is the grammar's. */
import type {
  AssignmentOperator,
  BlockStatement,
  Expression,
  NumberLiteral,
  Statement,
  SwitchCase,
  TextLiteral,
  VariableReference,
} from './ast.js';
import type { Cursor } from './cursor.js';
import { parseCall, parseCondition, parseValue } from './parse-expression.js';
import { beginsRoute } from './route-head.js';
import { didYouMean } from './suggestion.js';
import { constantText } from './template.js';
import type { TokenKind } from './token-kind.js';
import { readVariable } from './variable-text.js';

const ASSIGNMENTS: ReadonlySet<TokenKind> = new Set<TokenKind>(['=', ':=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=']);
/** Values that `return` takes after its code. */
const MAX_RESULTS = 20;
const NO_WORDS: readonly string[] = [];
const CASE_WORDS: readonly string[] = ['case', 'default'];
const STATEMENT_WORDS = ['if', 'else', 'while', 'for', 'switch', 'case', 'default', 'break', 'return', 'exit', 'drop', 'route'];

/** block = "{" { statement } "}" */
export function parseBlock(cursor: Cursor): BlockStatement {
  const { from } = cursor.token;
  if (!cursor.expect('{')) return { kind: 'block', place: cursor.placeFrom(from), statements: [] };
  const statements = parseStatements(cursor, NO_WORDS);
  cursor.expectClosed(from, 'block');
  return { kind: 'block', place: cursor.placeFrom(from), statements };
}

/** { statement }, up to the end of the block, to a keyword that begins something else, or to a route: blocks contain none. */
function parseStatements(cursor: Cursor, stops: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  while (!cursor.atEnd() && !cursor.is('}') && !stops.some((stop) => cursor.isWord(stop)) && !beginsRoute(cursor)) {
    const { from } = cursor.token;
    statements.push(parseStatement(cursor));
    // Whatever the error, at least one token was read.
    if (cursor.token.from === from && !cursor.atEnd()) cursor.take();
  }
  return statements;
}

/** statement = block | ";" | if | while | for | switch | break | return | exit | drop | assignment | call */
export function parseStatement(cursor: Cursor): Statement {
  const { from } = cursor.token;
  const empty: Statement = { kind: 'empty', place: { from, to: from } };
  cursor.operators = 0;
  return cursor.deeper(empty, () => {
    switch (cursor.token.kind) {
      case '{':
        return parseBlock(cursor);
      case ';':
        cursor.take();
        return { kind: 'empty', place: cursor.placeFrom(from) };
      case 'variable':
        return parseAssignment(cursor);
      case 'name':
        return parseWordStatement(cursor);
      default:
        cursor.unexpected('a statement', cursor.is(')') ? "there may be one ')' too many before it" : '');
        cursor.recover();
        return empty;
    }
  });
}

function parseWordStatement(cursor: Cursor): Statement {
  const { from } = cursor.token;
  switch (cursor.word()) {
    case 'if':
      return parseIf(cursor);
    case 'while':
      return parseWhile(cursor);
    case 'for':
      return parseFor(cursor);
    case 'switch':
      return parseSwitch(cursor);
    case 'return':
      return parseReturn(cursor);
    case 'exit':
      return parseEnd(cursor, 'exit');
    case 'drop':
      return parseEnd(cursor, 'drop');
    case 'break':
      cursor.take();
      cursor.expectSemicolon();
      return { kind: 'break', place: cursor.placeFrom(from) };
    case 'else':
      cursor.unexpected('a statement', "'else' without 'if': a block before it may be closed too early");
      cursor.take();
      return parseStatement(cursor);
    case 'case':
    case 'default':
      cursor.unexpected('a statement', `'${cursor.word()}' must be directly in a switch`);
      cursor.recover();
      return { kind: 'empty', place: cursor.placeFrom(from) };
    default:
      return parseCallStatement(cursor);
  }
}

/** call ";" */
function parseCallStatement(cursor: Cursor): Statement {
  const word = cursor.word();
  const { from, to } = cursor.take();
  if (!cursor.is('(')) {
    const repair =
      didYouMean(word, STATEMENT_WORDS) ||
      (cursor.is('=') ? `a variable begins with '$': $var(${word})` : `a function is called with parentheses: ${word}()`);
    cursor.diagnostics.error({ from, to }, `invalid statement '${word}'`, repair);
    cursor.recover();
    return { kind: 'empty', place: cursor.placeFrom(from) };
  }
  const call = parseCall(cursor, word, from);
  const place = cursor.placeFrom(from);
  if (cursor.is('{')) cursor.unexpected("';'", /^els?e?if$/.test(word) ? "write 'else if'" : didYouMean(word, STATEMENT_WORDS));
  cursor.expectSemicolon();
  return { kind: 'call statement', place, call };
}

/** if = "if" condition statement [ "else" statement ] */
function parseIf(cursor: Cursor): Statement {
  // A chain of else-ifs is read in a loop: it may be longer than blocks may be deep.
  const links: { from: number; condition: Expression; then: Statement }[] = [];
  let otherwise: Statement | null = null;
  const linksAround = cursor.links;
  for (;;) {
    const { from } = cursor.take();
    const condition = parseUnwrapped(cursor);
    links.push({ from, condition, then: parseStatement(cursor) });
    if (!cursor.isWord('else')) break;
    cursor.take();
    if (++cursor.links > cursor.limits.maxChain) cursor.giveUp(`more than ${cursor.limits.maxChain} else-ifs in a chain`, 'use a switch');
    if (!cursor.isWord('if')) {
      otherwise = parseStatement(cursor);
      break;
    }
  }
  cursor.links = linksAround;
  for (let i = links.length - 1; i >= 0; i--) {
    const { from, condition, then } = links[i];
    otherwise = { kind: 'if', place: cursor.placeFrom(from), condition, then, otherwise };
  }
  return otherwise!;
}

/** while = "while" condition statement */
function parseWhile(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const condition = parseUnwrapped(cursor);
  const body = parseStatement(cursor);
  return { kind: 'while', place: cursor.placeFrom(from), condition, body };
}

/** for = "for" "(" VARIABLE "in" VARIABLE ")" statement */
function parseFor(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const usage = 'write for ($var(x) in $(avp(y)[*])) { ... }';
  cursor.expect('(', usage);
  const target = parseLoopVariable(cursor, usage);
  if (cursor.isWord('in')) cursor.take();
  else cursor.unexpected("'in'", usage);
  const list = parseLoopVariable(cursor, usage);
  if (!cursor.expect(')', usage)) {
    cursor.recoverInParentheses();
    cursor.skip(')');
  }
  const body = parseStatement(cursor);
  const place = cursor.placeFrom(from);
  return target === null || list === null ? { kind: 'empty', place } : { kind: 'for', place, target, list, body };
}

function parseLoopVariable(cursor: Cursor, usage: string): VariableReference | null {
  if (!cursor.is('variable')) {
    cursor.unexpected('a variable', usage);
    return null;
  }
  const { from, to } = cursor.take();
  return readVariable(cursor.source.text, from, to);
}

/** switch = "switch" "(" value ")" "{" { ( "case" constant | "default" ) ":" { statement } } "}" */
function parseSwitch(cursor: Cursor): Statement {
  const { from } = cursor.take();
  if (!cursor.is('(')) cursor.unexpected("'('", 'write switch ($var(x)) { ... }');
  const value = parseUnwrapped(cursor);
  const cases: SwitchCase[] = [];
  const open = cursor.token.from;
  cursor.expect('{');
  while (!cursor.atEnd() && !cursor.is('}') && !beginsRoute(cursor)) {
    if (!cursor.isWord('case') && !cursor.isWord('default')) {
      cursor.unexpected("'case', 'default' or '}'");
      cursor.recover();
      continue;
    }
    cases.push(parseCase(cursor));
  }
  cursor.expectClosed(open, 'switch');
  return { kind: 'switch', place: cursor.placeFrom(from), value, cases };
}

function parseCase(cursor: Cursor): SwitchCase {
  const isDefault = cursor.isWord('default');
  const { from } = cursor.take();
  const value = isDefault ? null : parseConstant(cursor);
  const place = cursor.placeFrom(from);
  cursor.expect(':');
  return { place, value, statements: parseStatements(cursor, CASE_WORDS) };
}

/** constant = [ "+" | "-" ] NUMBER | STRING */
function parseConstant(cursor: Cursor): NumberLiteral | TextLiteral {
  const value = parseValue(cursor);
  if (value.kind === 'number') return value;
  if (value.kind === 'text' && constantText(value) !== null) return value;
  if (value.place.to > value.place.from)
    cursor.diagnostics.error(value.place, 'invalid case: expected a number or a string without variables');
  return { kind: 'number', place: value.place, value: 0 };
}

/** return = "return" [ value | "(" [ condition { "," condition } ] ")" ] ";" */
function parseReturn(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const results: Expression[] = [];
  let value: Expression | null = null;
  if (cursor.is('(')) {
    const open = cursor.take();
    if (!cursor.skip(')')) {
      const inner = parseCondition(cursor);
      while (cursor.skip(',')) {
        results.push(parseCondition(cursor));
        if (results.length < MAX_RESULTS || !cursor.is(',')) continue;
        cursor.diagnostics.error(cursor.token, `return gives at most ${MAX_RESULTS} values after its code`);
        cursor.recoverInParentheses();
        break;
      }
      cursor.expect(')');
      value = { kind: 'group', place: cursor.placeFrom(open.from), inner };
    }
  } else if (!cursor.is(';') && !cursor.is('}') && !cursor.token.onNewLine) value = parseValue(cursor);
  const place = cursor.placeFrom(from);
  cursor.expectSemicolon();
  return { kind: 'return', place, value, results };
}

/** ( "exit" | "drop" ) [ "(" ")" ] ";" */
function parseEnd(cursor: Cursor, kind: 'exit' | 'drop'): Statement {
  const { from } = cursor.take();
  if (cursor.skip('(')) cursor.expect(')', `${kind} takes no argument`);
  const place = cursor.placeFrom(from);
  cursor.expectSemicolon();
  return { kind, place };
}

/** assignment = VARIABLE operator condition ";" */
function parseAssignment(cursor: Cursor): Statement {
  const { from, to } = cursor.take();
  const target = readVariable(cursor.source.text, from, to);
  if (!ASSIGNMENTS.has(cursor.token.kind)) {
    cursor.unexpected("'='", cursor.is('==') ? "'==' compares; '=' sets the variable" : 'a variable alone is not a statement');
    cursor.recover();
    return { kind: 'empty', place: cursor.placeFrom(from) };
  }
  const operator = cursor.take().kind as AssignmentOperator;
  const value = parseCondition(cursor);
  const place = cursor.placeFrom(from);
  cursor.expectSemicolon();
  return { kind: 'assignment', place, target, operator, value };
}

/** A condition without parentheses around it as a whole; `if (a) && (b)` has none of those. */
function parseUnwrapped(cursor: Cursor): Expression {
  cursor.operators = 0;
  const condition = parseCondition(cursor);
  return condition.kind === 'group' ? condition.inner : condition;
}
