/** Syntax tree to program. All mistakes are said at once; a script with one has no program. */
import type { RouteBlock, Script } from './ast.js';
import { scriptVersionOf } from './call-order.js';
import { compileBlock } from './compile-statement.js';
import { Compiler, type CompileOptions } from './compiler.js';
import { MAX_WHILE_LOOPS } from './limits.js';
import { Program, type Route } from './program.js';
import { numberOf } from './value.js';

/** Kinds of routes that nothing runs here: sipcap sees messages, it does not send them. */
const NEVER_RUN: ReadonlySet<string> = new Set(['failure_route', 'branch_route', 'local_route', 'error_route', 'startup_route', 'timer_route', 'event_route']);

export function compile(script: Script, options: CompileOptions): Program | null {
  const declared = script.parameters.find(({ name }) => name === 'script_version');
  const scriptVersion = options.scriptVersion ?? (declared === undefined ? null : scriptVersionOf(declared.value));
  const compiler = new Compiler(script.source, { ...options, scriptVersion }, loopsOf(script, options));
  const blocks = new Map<Route, RouteBlock>();
  const twice: RouteBlock[] = [];
  for (const block of script.routes) {
    if (NEVER_RUN.has(block.kind)) {
      compiler.diagnostics.note(block.headPlace, `${block.kind} is never called here: messages are captured, not sent`);
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
  sayUnreached(compiler, blocks, calls, options.hepRoute ?? 'sip');
  return compiler.diagnostics.errorCount > 0 ? null : new Program(compiler.routes, compiler.vars.length, compiler.avps.length);
}

/** Routes that no entry leads to. */
function sayUnreached(compiler: Compiler, blocks: ReadonlyMap<Route, RouteBlock>, calls: ReadonlyMap<Route, ReadonlySet<Route>>, hepRoute: string): void {
  const isNamed = hepRoute !== 'none' && hepRoute !== 'sip';
  const waiting = compiler.routes.filter(({ kind, name }) => name === '' || (isNamed && kind === 'route' && name === hepRoute));
  const reached = new Set(waiting);
  for (let route = waiting.pop(); route !== undefined; route = waiting.pop()) {
    for (const called of calls.get(route) ?? []) {
      if (reached.has(called)) continue;
      reached.add(called);
      waiting.push(called);
    }
  }
  for (const [route, block] of blocks) {
    if (!reached.has(route)) compiler.diagnostics.warn(block.headPlace, `${titleOf(block)} is never reached`, route.kind === 'route' ? `no route calls it: route(${route.name})` : 'replies run the onreply_route without a name');
  }
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
