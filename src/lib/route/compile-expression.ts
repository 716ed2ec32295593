/** Expressions to closures: values. Conditions, with their three outcomes, are in compile-test.ts. */
import type { BinaryExpression, Expression, TextLiteral } from './ast.js';
import type { Compiler } from './compiler.js';
import { SHORT_TEXT } from './limits.js';
import type { Reader } from './run.js';
import { constantText } from './template.js';
import { calculate, shown, textOf } from './value.js';

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>']);

export function compileValue(compiler: Compiler, expression: Expression): Reader {
  switch (expression.kind) {
    case 'number': {
      const { value } = expression;
      return () => value;
    }
    case 'address': {
      const { text } = expression;
      return () => text;
    }
    case 'text':
      return compileText(compiler, expression);
    case 'null':
      return () => null;
    case 'variable':
      return compiler.variable(expression);
    case 'group':
      return compiler.value(expression.inner);
    case 'call':
      return compiler.call(expression);
    case 'route name':
      compiler.error(expression.place, 'unexpected route name');
      return () => null;
    case 'unary':
      if (expression.operator === '!') return compiler.test(expression);
      return compileSign(compiler, expression.operator, expression.operand, compiler.spot(expression.place));
    case 'binary':
      return isArithmetic(expression) ? compileSum(compiler, expression) : compiler.test(expression);
  }
}

/** Text with its variables replaced. */
export function compileText(compiler: Compiler, literal: TextLiteral): Reader {
  const constant = constantText(literal);
  if (constant !== null) return () => constant;
  const parts = literal.parts.map((part): Reader => (typeof part === 'string' ? () => part : compiler.variable(part)));
  const spot = compiler.spot(literal.place);
  if (parts.length === 1) {
    const only = parts[0];
    return (run) => {
      const value = only(run);
      return typeof value === 'number' ? String(value) : value;
    };
  }
  return (run) => {
    let text = '';
    for (const part of parts) text += textOf(part(run));
    return text.length <= SHORT_TEXT || run.fits(text, spot) ? text : null;
  };
}

export function isArithmetic({ operator }: BinaryExpression): boolean {
  return ARITHMETIC.has(operator);
}

function compileSum(compiler: Compiler, expression: BinaryExpression): Reader {
  const operator = expression.operator as Parameters<typeof calculate>[0];
  const left = compiler.value(expression.left);
  const right = compiler.value(expression.right);
  const spot = compiler.spot(expression.place);
  return (run) => {
    const a = left(run);
    const b = right(run);
    const result = calculate(operator, a, b);
    if (result !== undefined) return typeof result !== 'string' || result.length <= SHORT_TEXT || run.fits(result, spot) ? result : null;
    run.hasNoValue = true;
    run.context.failed(spot, `cannot calculate ${shown(a)} ${operator} ${shown(b)}`);
    return null;
  };
}

function compileSign(compiler: Compiler, operator: '-' | '~', operand: Expression, spot: string): Reader {
  const value = compiler.value(operand);
  return (run) => {
    const number = calculate('+', 0, value(run));
    if (typeof number === 'number') return operator === '-' ? -number : ~number;
    run.hasNoValue = true;
    run.context.failed(spot, `'${operator}' requires a number`);
    return null;
  };
}
