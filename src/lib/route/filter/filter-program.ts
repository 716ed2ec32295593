/**
 * A condition alone, as filters take it (`--where`): it reads the message, and can neither change nor send anything. What
 * the message does not have makes every comparison false; `== null` tests for it.
 */
import type { Expression, TextPart, TransformationCall, VariableReference } from '../ast.js';
import { GRAMMAR } from '../compile.js';
import { Compiler } from '../compiler.js';
import type { ChunkVocabulary, RouteContext } from '../context.js';
import { Cursor } from '../cursor.js';
import type { Diagnostics } from '../diagnostics.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { parseCondition } from '../parse-expression.js';
import { Run, type Test } from '../run.js';
import type { Source } from '../source.js';
import { didYouMean } from '../suggestion.js';
import { TRUE } from '../value.js';

/** Functions that only read the message. */
const FUNCTIONS: readonly string[] = [
  'is_method',
  'has_totag',
  'is_present_hf',
  'has_body',
  'has_body_part',
  'search',
  'search_body',
  'search_hf',
  'is_audio_on_hold',
  'is_ip_rfc1918',
];
/** Variables that have a value only while a script runs. */
const SCRIPT_VARIABLES: ReadonlySet<string> = new Set([
  'var',
  'shv',
  'avp',
  'json',
  'du',
  'dd',
  'dp',
  'rc',
  'retcode',
  'return',
  'param',
  'stat',
  'mi',
  'msg.id',
  'msg.flag',
  'branch.flag',
  'route',
  'route.name',
  'route.type',
]);

export class FilterProgram {
  private readonly run = new Run(0, [], false);

  constructor(
    readonly expression: Expression,
    /** Names of the variables in it. */
    readonly variables: ReadonlySet<string>,
    private readonly test: Test,
  ) {}

  passes(context: RouteContext): boolean {
    this.run.begin(context);
    return this.test(this.run) === TRUE;
  }
}

/** Null if there are errors, which are then in `diagnostics`. */
export function compileFilter(source: Source, vocabulary: ChunkVocabulary, diagnostics: Diagnostics): FilterProgram | null {
  const cursor = new Cursor(source, diagnostics, DEFAULT_LIMITS);
  if (cursor.atEnd()) {
    diagnostics.error({ from: 0, to: 0 }, 'expected a condition', 'write one such as $fU == "alice" && $rs >= 400');
    return null;
  }
  const expression = parseCondition(cursor);
  if (!cursor.atEnd() && diagnostics.errorCount === 0)
    cursor.unexpected('an operator or the end of the condition', 'conditions are joined by && and ||');
  const variables = new Set<string>();
  walk(expression, (variable) => {
    variables.add(variable.name);
    if (SCRIPT_VARIABLES.has(variable.name))
      diagnostics.error(
        variable.place,
        `$${variable.name} has no value in a filter`,
        'filters see the message as it came, before any script',
      );
  });
  walkCalls(expression, ({ name, namePlace }) => {
    if (!FUNCTIONS.includes(name))
      diagnostics.error(
        namePlace,
        `${name}() cannot be used in a filter`,
        didYouMean(name, FUNCTIONS) || `available: ${FUNCTIONS.join(', ')}`,
      );
  });
  if (diagnostics.errorCount > 0) return null;
  const compiler = new Compiler(source, { vocabulary, diagnostics, scriptVersion: 3, absentIsFalse: true }, 0, GRAMMAR);
  const test = compiler.test(expression);
  return diagnostics.errorCount > 0 ? null : new FilterProgram(expression, variables, test);
}

type CallPlace = Extract<Expression, { kind: 'call' }>;

function childrenOf(expression: Expression): readonly (Expression | null)[] {
  switch (expression.kind) {
    case 'group':
      return [expression.inner];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.arguments;
    default:
      return [];
  }
}

function walkCalls(expression: Expression, visit: (call: CallPlace) => void): void {
  if (expression.kind === 'call') visit(expression);
  for (const child of childrenOf(expression)) if (child !== null) walkCalls(child, visit);
}

function walk(expression: Expression, visit: (variable: VariableReference) => void): void {
  if (expression.kind === 'variable') walkVariable(expression, visit);
  if (expression.kind === 'text') walkParts(expression.parts, visit);
  for (const child of childrenOf(expression)) if (child !== null) walk(child, visit);
}

function walkVariable(variable: VariableReference, visit: (variable: VariableReference) => void): void {
  visit(variable);
  if (variable.inner !== null) walkVariable(variable.inner, visit);
  if (typeof variable.index === 'object' && variable.index !== null) walkVariable(variable.index, visit);
  for (const { arguments: given } of variable.transformations as readonly TransformationCall[])
    for (const { parts } of given) walkParts(parts, visit);
}

function walkParts(parts: readonly TextPart[], visit: (variable: VariableReference) => void): void {
  for (const part of parts) if (typeof part !== 'string') walkVariable(part, visit);
}
