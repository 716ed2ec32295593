/** Conditions to closures: true, false, or failed if the operands cannot be compared, which `!` does not invert. */
import type { BinaryExpression, ComparisonOperator, Expression } from './ast.js';
import { parseAddress } from '../base/index.js';
import { isArithmetic } from './compile-expression.js';
import type { Compiler } from './compiler.js';
import { isWithin, parseNetwork } from './network.js';
import { compilePattern, type Pattern } from './pattern.js';
import { EXIT, NEXT, type Run, type Test } from './run.js';
import { constantText } from './template.js';
import { parseUri } from './uri.js';
import { FAILED, FALSE, TRUE, equal, isTrue, order, sameText, shown, textOf, type Value } from './value.js';

export function compileTest(compiler: Compiler, expression: Expression): Test {
  switch (expression.kind) {
    case 'group':
      return compileTest(compiler, expression.inner);
    case 'call': {
      const call = compiler.call(expression);
      return (run) => {
        const code = call(run);
        if (run.signal !== NEXT) return FALSE;
        run.code = code;
        if (code === 0) run.signal = EXIT;
        return code > 0 ? TRUE : FALSE;
      };
    }
    case 'unary':
      if (expression.operator === '!') {
        const operand = compileTest(compiler, expression.operand);
        return (run) => {
          const outcome = operand(run);
          return outcome === FAILED ? FAILED : outcome === TRUE ? FALSE : TRUE;
        };
      }
      break;
    case 'binary':
      if (expression.operator === '&&' || expression.operator === '||') return compileLogic(compiler, expression);
      if (!isArithmetic(expression)) return compileComparison(compiler, expression, expression.operator as ComparisonOperator);
  }
  const value = compiler.value(expression);
  return (run) => (isTrue(value(run)) ? TRUE : FALSE);
}

function compileLogic(compiler: Compiler, { operator, left, right }: BinaryExpression): Test {
  if (operator === '&&' && left.kind === 'binary' && left.operator === '||') {
    compiler.diagnostics.warn(
      left.place,
      "'||' and '&&' have the same precedence: evaluated from left to right",
      'add parentheses around what belongs together',
    );
  }
  const first = compileTest(compiler, left);
  const second = compileTest(compiler, right);
  // A failure decides the whole condition, as in OpenSIPS; in a filter it is merely false.
  const decides = compiler.absentIsFalse ? NaN : FAILED;
  if (operator === '&&')
    return (run) => {
      const outcome = first(run);
      if (outcome === decides) return outcome;
      return outcome === TRUE && run.signal === NEXT ? second(run) : FALSE;
    };
  return (run) => {
    const outcome = first(run);
    if (outcome === decides) return outcome;
    return outcome === TRUE || run.signal !== NEXT ? TRUE : second(run);
  };
}

function compileComparison(compiler: Compiler, expression: BinaryExpression, operator: ComparisonOperator): Test {
  if (operator === '=~' || operator === '!~') return compileMatch(compiler, expression, operator === '=~');
  const isSame = operator === '==';
  if ((isSame || operator === '!=') && expression.right.kind === 'address') return compileNetwork(compiler, expression, isSame);
  if (isMyself(compiler, expression.right)) return compileMyself(compiler, expression, operator);
  const left = compiler.value(expression.left);
  const right = compiler.value(expression.right);
  const spot = compiler.spot(expression.place);
  const needsValues = compiler.absentIsFalse && expression.left.kind !== 'null' && expression.right.kind !== 'null';
  if (isSame || operator === '!=') {
    const constant = expression.right.kind === 'text' ? constantText(expression.right) : null;
    return (run) => {
      const a = left(run);
      if (constant !== null && typeof a === 'string') return sameText(a, constant) === isSame ? TRUE : FALSE;
      const b = right(run);
      if (needsValues && (a === null || b === null)) return FALSE;
      const outcome = equal(a, b);
      if (outcome !== FAILED) return (outcome === TRUE) === isSame ? TRUE : FALSE;
      return failed(run, spot, `cannot compare ${shown(a)} and ${shown(b)}`);
    };
  }
  return (run) => {
    const a = left(run);
    const b = right(run);
    // No value is neither less nor greater than anything.
    if (a === null || b === null) return FALSE;
    const difference = order(a, b);
    if (Number.isNaN(difference)) return failed(run, spot, `cannot order ${shown(a)} and ${shown(b)}`);
    return isInOrder(operator, difference) ? TRUE : FALSE;
  };
}

/** `uri == myself`: the keyword, not the text. */
function isMyself({ source }: Compiler, right: Expression): boolean {
  return right.kind === 'text' && right.plain === 'myself' && source.text[right.place.from] === 'm';
}

/** Host and port of a URI, else the host alone. */
function compileMyself(compiler: Compiler, { left, right, place }: BinaryExpression, operator: ComparisonOperator): Test {
  compiler.asksForOwn(place);
  if (operator !== '==' && operator !== '!=') compiler.error(right.place, `myself cannot be compared by ${operator}`, 'write == or !=');
  const value = compiler.value(left);
  return (run) => {
    const text = textOf(value(run) ?? '');
    const uri = /^[a-z]+:/i.test(text) && parseAddress(text) === null ? parseUri(text) : { host: text, port: '0' };
    return compiler.isOwn(uri.host, Number(uri.port || 5060)) === (operator === '==') ? TRUE : FALSE;
  };
}

function isInOrder(operator: ComparisonOperator, difference: number): boolean {
  switch (operator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    default:
      return difference >= 0;
  }
}

function compileNetwork(compiler: Compiler, { left, right }: BinaryExpression, isSame: boolean): Test {
  const value = compiler.value(left);
  const network = right.kind === 'address' ? parseNetwork(right.text) : 'no address';
  if (typeof network === 'string') {
    compiler.error(right.place, network, 'write 10.0.0.1 or 10.0.0.0/8');
    return () => FAILED;
  }
  const needsValue = compiler.absentIsFalse;
  return (run) => {
    const address = value(run);
    if (address === null) return needsValue || isSame ? FALSE : TRUE;
    // Text that is not an address cannot be compared with one.
    if (typeof address !== 'string' || parseAddress(address) === null) return FAILED;
    return isWithin(network, address) === isSame ? TRUE : FALSE;
  };
}

function compileMatch(compiler: Compiler, { place, left, right }: BinaryExpression, isSame: boolean): Test {
  const read = compiler.value(left);
  const spot = compiler.spot(place);
  // No value matches no pattern.
  const ifAbsent = isSame || compiler.absentIsFalse ? FALSE : TRUE;
  if (right.kind === 'text' && constantText(right) !== null) {
    const pattern = compilePattern(right.plain);
    if (typeof pattern !== 'string')
      return (run) => {
        const value = read(run);
        return value === null ? ifAbsent : matches(run, pattern, value, isSame, spot);
      };
    compiler.error(right.place, `invalid pattern: ${pattern}`);
    return () => FAILED;
  }
  const text = compiler.value(right);
  const needsValues = compiler.absentIsFalse;
  return (run) => {
    const wanted = text(run);
    const value = read(run);
    // No value matches only no value.
    if (wanted === null || value === null) return needsValues ? FALSE : (wanted === value) === isSame ? TRUE : FALSE;
    const pattern = run.patterns.get(textOf(wanted));
    return typeof pattern === 'string' ? failed(run, spot, `invalid pattern: ${pattern}`) : matches(run, pattern, value, isSame, spot);
  };
}

function matches(run: Run, pattern: Pattern, value: Value, isSame: boolean, spot: string): number {
  const text = textOf(value);
  if (!run.maySearch(text, spot)) return FAILED;
  return pattern.test(text) === isSame ? TRUE : FALSE;
}

function failed(run: Run, spot: string, reason: string): number {
  run.hasNoValue = true;
  run.context.failed(spot, reason);
  return FAILED;
}
