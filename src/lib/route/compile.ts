/** Syntax tree to program. All mistakes are said at once; a script with one has no program. */
import type { RouteBlock, Script } from './ast.js';
import { scriptVersionOf } from './call-order.js';
import { compileCall } from './compile-call.js';
import { compileValue } from './compile-expression.js';
import { compileBlock } from './compile-statement.js';
import { compileTest } from './compile-test.js';
import { compileVariable } from './compile-variable.js';
import { Compiler, type CompileOptions, type Grammar } from './compiler.js';
import { MAX_WHILE_LOOPS } from './limits.js';
import { Program, type Route } from './program.js';
import { numberOf } from './value.js';

/** Kinds of routes that nothing runs here: sipcap sees messages, it does not send them. */
const NEVER_RUN: ReadonlySet<string> = new Set([
  'failure_route',
  'branch_route',
  'local_route',
  'error_route',
  'startup_route',
  'timer_route',
  'event_route',
]);

/** Bound here, once: each rule stands in its own file and reaches the others through the compiler. */
const GRAMMAR: Grammar = { value: compileValue, test: compileTest, call: compileCall, variable: compileVariable };

export function compile(script: Script, options: CompileOptions): Program | null {
  const declared = script.parameters.find(({ name }) => name === 'script_version');
  const scriptVersion = options.scriptVersion ?? (declared === undefined ? null : scriptVersionOf(declared.value));
  const compiler = new Compiler(script.source, { ...options, scriptVersion }, loopsOf(script, options), GRAMMAR);
  const blocks = new Map<Route, RouteBlock>();
  const twice: RouteBlock[] = [];
  const idle: RouteBlock[] = [];
  for (const block of script.routes) {
    if (NEVER_RUN.has(block.kind)) {
      compiler.diagnostics.note(block.headPlace, `${block.kind} is never called here: messages are captured, not sent`);
      idle.push(block);
      continue;
    }
    if (compiler.routes.some(({ kind, name }) => kind === block.kind && name === block.name)) {
      compiler.error(block.headPlace, `there is ${titleOf(block)} already`, 'give it another name');
      twice.push(block);
      continue;
    }
    blocks.set(compiler.addRoute(block.kind, block.name), block);
  }
  const calls = new Map<Route, ReadonlySet<Route>>();
  for (const [route, { body }] of blocks) {
    compiler.calls = new Set();
    route.body = compileBlock(compiler, body.statements);
    calls.set(route, compiler.calls);
  }
  // What is wrong within them is said as well.
  for (const { body } of twice) compileBlock(compiler, body.statements);
  sayUnreached(compiler, blocks, calls, options.hepRoute ?? 'sip', idle);
  return compiler.diagnostics.errorCount > 0 ? null : new Program(compiler.routes, compiler.vars.length, compiler.avps.length, options);
}

/** Routes that no entry leads to: a mistake, unless those lead there that are never called here. */
function sayUnreached(
  compiler: Compiler,
  blocks: ReadonlyMap<Route, RouteBlock>,
  calls: ReadonlyMap<Route, ReadonlySet<Route>>,
  hepRoute: string,
  idle: readonly RouteBlock[],
): void {
  const isNamed = hepRoute !== 'none' && hepRoute !== 'sip';
  const reached = reachedFrom(
    compiler.routes.filter(({ kind, name }) => name === '' || (isNamed && kind === 'route' && name === hepRoute)),
    calls,
  );
  const named = routesNamedIn(idle);
  const idly = reachedFrom(
    compiler.routes.filter(({ kind, name }) => kind === 'route' && named.has(name)),
    calls,
  );
  for (const [route, block] of blocks) {
    if (reached.has(route)) continue;
    const what = `${titleOf(block)} is never reached`;
    if (idly.has(route)) compiler.diagnostics.note(block.headPlace, `${what}: what calls it is never called here`);
    else if (route.kind === 'route')
      compiler.error(block.headPlace, what, `no route calls it: write route(${route.name}) where it belongs, or take it out`);
    else compiler.diagnostics.warn(block.headPlace, what, 'replies run the onreply_route without a name');
  }
}

function reachedFrom(entries: readonly Route[], calls: ReadonlyMap<Route, ReadonlySet<Route>>): Set<Route> {
  const reached = new Set(entries);
  // What is added while a set is walked is walked as well.
  for (const route of reached) for (const called of calls.get(route) ?? []) reached.add(called);
  return reached;
}

/** Names of the routes that blocks call, which are not compiled. */
function routesNamedIn(blocks: readonly RouteBlock[]): Set<string> {
  const names = new Set<string>();
  const waiting: unknown[] = blocks.map(({ body }) => body);
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name } = node as { kind?: string; name?: string };
    if (kind === 'route name' && name !== undefined) names.add(name);
    waiting.push(...Object.values(node));
  }
  return names;
}

function loopsOf(script: Script, options: CompileOptions): number {
  const parameter = script.parameters.find(({ name }) => name === 'max_while_loops');
  const wanted = parameter === undefined ? (options.maxLoops ?? MAX_WHILE_LOOPS) : numberOf(parameter.value.trim());
  if (wanted >= 1) return wanted;
  options.diagnostics.error(parameter!.valuePlace, `max_while_loops is a number from 1`);
  return MAX_WHILE_LOOPS;
}

function titleOf({ kind, name }: RouteBlock): string {
  return name === '' ? `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}` : `${kind}[${name}]`;
}
