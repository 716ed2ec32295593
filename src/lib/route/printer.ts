/**
 * Trees back to text, one statement per line. Strings, numbers and variables are printed as written; comments are
 * dropped. The output parses to a tree that prints the same.
 */
import type { CallExpression, Expression, IfStatement, ReturnStatement, RouteBlock, Script, Statement, SwitchCase } from './ast.js';
import type { Place, Source } from './source.js';

const INDENT = '  ';

export function printScript(script: Script): string {
  const { source } = script;
  const items: { place: Place; text: string; isRoute: boolean }[] = [
    ...script.parameters.map(({ place, name, valuePlace }) => ({
      place,
      text: parameterText(name, written(source, valuePlace)),
      isRoute: false,
    })),
    ...script.modules.map(({ place, path }) => ({
      place,
      text: path.includes('"') ? `loadmodule '${path}'` : `loadmodule "${path}"`,
      isRoute: false,
    })),
    ...script.moduleParameters.map(({ place, modulesPlace, namePlace, valuePlace }) => ({
      place,
      text: `modparam(${written(source, modulesPlace)}, ${written(source, namePlace)}, ${written(source, valuePlace)})`,
      isRoute: false,
    })),
    ...script.routes.map((route) => ({ place: route.place, text: printRoute(source, route), isRoute: true })),
  ].sort((a, b) => a.place.from - b.place.from);
  return items.map(({ text, isRoute }, i) => `${i > 0 && (isRoute || items[i - 1].isRoute) ? '\n' : ''}${text}\n`).join('');
}

export function printRoute(source: Source, route: RouteBlock): string {
  const seconds = route.seconds >= 0 ? `, ${route.seconds}` : '';
  const name = /^\w*$/.test(route.name) ? route.name : `"${route.name}"`;
  const head = name === '' ? route.kind : `${route.kind}[${name}${seconds}]`;
  return `${head} ${blockText(source, [route.body], '')}`;
}

/** A statement with everything in it, without a line end. */
export function printStatement(source: Source, statement: Statement, indent = ''): string {
  switch (statement.kind) {
    case 'block':
      return `${indent}${blockText(source, [statement], indent)}`;
    case 'if':
      return `${indent}${ifText(source, statement, indent)}`;
    case 'while':
      return `${indent}${printHead(source, statement)} ${blockText(source, [statement.body], indent)}`;
    case 'for':
      return `${indent}${printHead(source, statement)} ${blockText(source, [statement.body], indent)}`;
    case 'switch': {
      const cases = statement.cases.map((one) => caseText(source, one, indent + INDENT)).join('');
      return `${indent}${printHead(source, statement)} {\n${cases}${indent}}`;
    }
    case 'empty':
      return `${indent};`;
    default:
      return `${indent}${printHead(source, statement)};`;
  }
}

/** A statement without the contents of its blocks: `if ($rm == "INVITE")`, `exit`. */
export function printHead(source: Source, statement: Statement): string {
  switch (statement.kind) {
    case 'if':
      return `if (${printExpression(source, statement.condition)})`;
    case 'while':
      return `while (${printExpression(source, statement.condition)})`;
    case 'for':
      return `for (${written(source, statement.target.place)} in ${written(source, statement.list.place)})`;
    case 'switch':
      return `switch (${printExpression(source, statement.value)})`;
    case 'assignment':
      return `${written(source, statement.target.place)} ${statement.operator} ${printExpression(source, statement.value)}`;
    case 'call statement':
      return callText(source, statement.call);
    case 'return':
      return returnText(source, statement);
    case 'block':
      return '{ ... }';
    case 'empty':
      return '';
    default:
      return statement.kind;
  }
}

export function printExpression(source: Source, expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return numberText(source, expression.place, expression.value);
    case 'text':
      if (isQuote(source.text[expression.place.from])) return written(source, expression.place);
      // Without quotes it is the keyword, not a text.
      return expression.plain === 'myself' ? 'myself' : `"${expression.plain}"`;
    case 'null':
      return 'null';
    case 'address':
      return expression.text;
    case 'variable':
      return written(source, expression.place);
    case 'unary':
      return unaryText(expression.operator, printExpression(source, expression.operand));
    case 'binary':
      return `${printExpression(source, expression.left)} ${expression.operator} ${printExpression(source, expression.right)}`;
    case 'group':
      return `(${printExpression(source, expression.inner)})`;
    case 'call':
      return callText(source, expression);
    case 'route name':
      return isQuote(source.text[expression.place.from]) ? written(source, expression.place) : expression.name;
  }
}

function returnText(source: Source, { value, results }: ReturnStatement): string {
  if (value === null) return 'return';
  if (results.length === 0) return `return ${printExpression(source, value)}`;
  const code = value.kind === 'group' ? value.inner : value;
  return `return (${[code, ...results].map((one) => printExpression(source, one)).join(', ')})`;
}

/** `=` before `~` keeps a blank: together they are another operator. */
function parameterText(name: string, value: string): string {
  return /^[=~]/.test(value) ? `${name}= ${value}` : `${name}=${value}`;
}

/** `!` before `~` keeps a blank: together they are another operator. */
function unaryText(operator: string, operand: string): string {
  return operator === '!' && operand.startsWith('~') ? `! ${operand}` : operator + operand;
}

function callText(source: Source, call: CallExpression): string {
  return `${call.name}(${call.arguments.map((one) => (one === null ? '' : printExpression(source, one))).join(', ')})`;
}

/** In braces, whether written or not; a block alone in a block is the same block. */
function blockText(source: Source, statements: readonly Statement[], indent: string): string {
  const inner = statements.length === 1 && statements[0].kind === 'block' ? statements[0].statements : statements;
  return `{\n${linesOf(source, inner, indent + INDENT)}${indent}}`;
}

/** Empty statements are left out. */
function linesOf(source: Source, statements: readonly Statement[], indent: string): string {
  return statements
    .filter(({ kind }) => kind !== 'empty')
    .map((one) => `${printStatement(source, one, indent)}\n`)
    .join('');
}

function ifText(source: Source, first: IfStatement, indent: string): string {
  let text = '';
  for (let statement = first; ;) {
    const { then, otherwise } = statement;
    text += `${printHead(source, statement)} ${blockText(source, [then], indent)}`;
    if (otherwise === null) return text;
    text += ' else ';
    if (otherwise.kind !== 'if') return text + blockText(source, [otherwise], indent);
    statement = otherwise;
  }
}

function caseText(source: Source, one: SwitchCase, indent: string): string {
  const head = one.value === null ? 'default' : `case ${printExpression(source, one.value)}`;
  return `${indent}${head}:\n${linesOf(source, one.statements, indent + INDENT)}`;
}

/** As written if that is one word (hex, `yes`), else in decimal: signs may be separate. */
function numberText(source: Source, place: Place, value: number): string {
  const text = written(source, place);
  return /^-?\w+$/.test(text) ? text : String(value);
}

function written(source: Source, { from, to }: Place): string {
  return source.text.slice(from, to);
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}
