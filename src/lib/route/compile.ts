/** Syntax tree to program. All errors are reported at once; a script with one has no program. */
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

/** Kinds of routes that are never run here: sipcap receives messages, it does not send them. */
const NEVER_RUN: ReadonlySet<string> = new Set([
  'failure_route',
  'branch_route',
  'local_route',
  'error_route',
  'startup_route',
  'timer_route',
  'event_route',
]);

/** Bound here, once: each rule is in its own file and calls the others through the compiler. */
export const GRAMMAR: Grammar = { value: compileValue, test: compileTest, call: compileCall, variable: compileVariable };

export function compile(script: Script, options: CompileOptions): Program | null {
  const declared = script.parameters.find(({ name }) => name === 'script_version');
  const scriptVersion = options.scriptVersion ?? (declared === undefined ? null : scriptVersionOf(declared.value));
  const compiler = new Compiler(script.source, { ...options, scriptVersion }, loopsOf(script, options), GRAMMAR);
  compiler.ownAddresses = ownAddresses(script);
  const blocks = new Map<Route, RouteBlock>();
  for (const block of script.routes) {
    if (NEVER_RUN.has(block.kind)) continue;
    if (compiler.routes.some(({ kind, name }) => kind === block.kind && name === block.name)) {
      compiler.error(block.headPlace, `${titleOf(block)} is defined twice`, 'give it another name');
      continue;
    }
    blocks.set(compiler.addRoute(block.kind, block.name), block);
  }
  const reached = compileReached(compiler, blocks, options.hepRoute ?? 'sip');
  for (const block of script.routes) {
    if (NEVER_RUN.has(block.kind))
      compiler.diagnostics.note(block.headPlace, `${titleOf(block)} is never run here: messages are captured, not sent`);
  }
  for (const [route, block] of blocks)
    if (!reached.has(route))
      compiler.diagnostics.note(block.headPlace, `${titleOf(block)} is never run here: no route that runs calls it`, wayTo(block));
  return compiler.diagnostics.errorCount > 0
    ? null
    : new Program(compiler.routes, compiler.vars.length, compiler.avps, compiler.usesState, options);
}

/** Compiles what is reachable from the entries; the rest is parsed but not checked: what it needs may not exist here. */
function compileReached(compiler: Compiler, blocks: ReadonlyMap<Route, RouteBlock>, hepRoute: string): ReadonlySet<Route> {
  const isNamed = hepRoute !== 'none' && hepRoute !== 'sip';
  const reached = new Set(compiler.routes.filter(({ kind, name }) => name === '' || (isNamed && kind === 'route' && name === hepRoute)));
  // Items added to a set during iteration are visited too.
  for (const route of reached) {
    compiler.calls = new Set();
    compiler.current = route;
    route.body = compileBlock(compiler, blocks.get(route)!.body.statements);
    for (const called of compiler.calls) reached.add(called);
  }
  return reached;
}

/** `socket=udp:10.0.0.1:5060 as 203.0.113.1`, `alias=example.org`. */
function ownAddresses({ parameters }: Script): { host: string; port: number }[] {
  return parameters
    .filter(({ name }) => name === 'socket' || name === 'listen' || name === 'alias')
    .flatMap(({ value }) => value.split(/\s+as\s+|\s+/))
    .flatMap((text) => {
      const match = /^"?(?:[a-z_]+:)?(\[[^\]]+\]|[^:"\s]+)(?::(\d+))?"?$/i.exec(text);
      return match === null ? [] : [{ host: match[1].toLowerCase().replace(/^\[|\]$/g, ''), port: Number(match[2] ?? 0) }];
    });
}

function loopsOf(script: Script, options: CompileOptions): number {
  const parameter = script.parameters.find(({ name }) => name === 'max_while_loops');
  const wanted = parameter === undefined ? (options.maxLoops ?? MAX_WHILE_LOOPS) : numberOf(parameter.value.trim());
  if (wanted >= 1) return wanted;
  options.diagnostics.error(parameter!.valuePlace, 'invalid max_while_loops: expected a number from 1');
  return MAX_WHILE_LOOPS;
}

function titleOf({ kind, name }: RouteBlock): string {
  return name === '' ? kind : `${kind}[${name}]`;
}

/** How an intended route can be reached. */
function wayTo({ kind, name }: RouteBlock): string {
  return kind === 'route'
    ? `write route(${name}) where it belongs, or set hep_route to its name`
    : 'replies run the onreply_route without a name';
}
