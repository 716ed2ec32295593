/** State shared by all parts of the compiler: diagnostics, names of variables, the routes found so far. */
import type { CallExpression, Expression, RouteKind, VariableReference } from './ast.js';
import type { ArgumentsByRole, ScriptVersion } from './call-order.js';
import type { ChunkVocabulary } from './context.js';
import { Diagnostics } from './diagnostics.js';
import type { Route } from './program.js';
import { NEXT, type Call, type Reader, type Test } from './run.js';
import type { Place, Source } from './source.js';
import { didYouMean } from './suggestion.js';
import type { Trace } from './trace.js';

export interface CompileOptions {
  vocabulary: ChunkVocabulary;
  diagnostics: Diagnostics;
  /** The order of arguments that the script declares; null if none. */
  scriptVersion: ScriptVersion | null;
  /** The route that HEP packets run first: `none`, `sip` or a name. */
  hepRoute?: string;
  maxLoops?: number;
  /** Statements per message, and characters of a text that the script builds (1024 or more); by default the limits of the room. */
  maxWork?: number;
  /** Unavailable functions: an error (the default), or skipped and counted. */
  unknownFunctions?: 'error' | 'skip';
  maxText?: number;
  trace?: Trace;
  /** A comparison with no value is false, whatever the operator, except with `null` itself. */
  absentIsFalse?: boolean;
}

/** The mutually recursive rules: values contain calls, calls contain values, and both contain conditions. */
export interface Grammar {
  value(compiler: Compiler, expression: Expression): Reader;
  test(compiler: Compiler, expression: Expression): Test;
  call(compiler: Compiler, call: CallExpression): Call;
  variable(compiler: Compiler, reference: VariableReference): Reader;
}

/** Compiles one function: its arguments by role, and the position of the call. */
export type CallCompiler = (compiler: Compiler, given: ArgumentsByRole, call: CallExpression, spot: string) => Call;

export class Compiler {
  readonly vocabulary: ChunkVocabulary;
  readonly diagnostics: Diagnostics;
  readonly version: ScriptVersion | null;
  readonly trace: Trace | null;
  readonly unknownFunctions: 'error' | 'skip';
  readonly absentIsFalse: boolean;
  /** The addresses for is_myself() and `myself`: hosts in lower case, port 0 for any. */
  ownAddresses: readonly { host: string; port: number }[] = [];
  readonly maxLoops: number;
  readonly routes: Route[] = [];
  /** Names of the routes that the route being compiled calls. */
  calls: Set<Route> = new Set();
  /** The route being compiled. */
  current: { readonly kind: string; readonly name: string } = { kind: 'route', name: '' };
  /** Loops and switches around the statement being compiled. */
  loops = 0;
  /** The script has flags or $json, or counts messages. */
  usesState = false;
  readonly vars: string[] = [];
  readonly avps: string[] = [];

  constructor(
    readonly source: Source,
    options: CompileOptions,
    maxLoops: number,
    private readonly grammar: Grammar,
  ) {
    this.vocabulary = options.vocabulary;
    this.diagnostics = options.diagnostics;
    this.version = options.scriptVersion;
    this.trace = options.trace ?? null;
    this.unknownFunctions = options.unknownFunctions ?? 'error';
    this.absentIsFalse = options.absentIsFalse ?? false;
    this.maxLoops = maxLoops;
  }

  error(place: Place, message: string, repair = ''): void {
    this.diagnostics.error(place, message, repair);
  }

  value(expression: Expression): Reader {
    return this.grammar.value(this, expression);
  }

  test(expression: Expression): Test {
    return this.grammar.test(this, expression);
  }

  call(call: CallExpression): Call {
    return this.grammar.call(this, call);
  }

  variable(reference: VariableReference): Reader {
    return this.grammar.variable(this, reference);
  }

  /** A variable named in a text at run time, or its text if the script has no such variable. */
  known(reference: VariableReference): Reader | string {
    const { name, argument } = reference;
    const slots = name === 'var' ? this.vars : name === 'avp' ? this.avps : null;
    if (slots !== null && reference.inner === null && !slots.includes(argument ?? '')) return '<null>';
    const quiet = new Compiler(
      this.source,
      { ...this, diagnostics: new Diagnostics(), scriptVersion: this.version, trace: undefined },
      this.maxLoops,
      this.grammar,
    );
    quiet.current = this.current;
    quiet.vars.push(...this.vars);
    quiet.avps.push(...this.avps);
    const read = quiet.variable(reference);
    return quiet.diagnostics.errorCount > 0 || quiet.vars.length > this.vars.length ? '<null>' : read;
  }

  /** Whether the script declares that address as its own; port 0 is any. */
  isOwn(host: string, port: number): boolean {
    const wanted = host.toLowerCase().replace(/^\[|\]$/g, '');
    return this.ownAddresses.some((own) => own.host === wanted && (port === 0 || own.port === 0 || own.port === port));
  }

  /** A note if the script declares no addresses. */
  asksForOwn(place: Place): void {
    if (this.ownAddresses.length === 0)
      this.diagnostics.note(place, 'nothing is an address of its own here: the script declares no socket and no alias');
  }

  addRoute(kind: RouteKind, name: string): Route {
    const route: Route = { kind, name, body: () => NEXT };
    this.routes.push(route);
    return route;
  }

  /** `route(name)`: the route, or null if there is none, which is reported. */
  called(name: string, place: Place): Route | null {
    const wanted = name === '0' ? '' : name;
    const found = this.routes.find((route) => route.kind === 'route' && route.name === wanted);
    if (found === undefined) {
      const names = this.routes.filter((route) => route.kind === 'route' && route.name !== '').map((route) => route.name);
      this.error(place, `unknown route '${name}'`, didYouMean(name, names) || `write route[${name}] { ... }`);
      return null;
    }
    this.calls.add(found);
    return found;
  }

  /** The number of a `$var`. */
  varSlot(name: string): number {
    return slot(this.vars, name);
  }

  avpSlot(name: string): number {
    return slot(this.avps, name);
  }

  /** `file:line:column`, for errors at run time. */
  spot(place: Place): string {
    const { line, column } = this.source.lineColumn(place.from);
    return `${this.source.nameAt(place.from)}:${line}:${column}`;
  }
}

function slot(names: string[], name: string): number {
  const at = names.indexOf(name);
  return at >= 0 ? at : names.push(name) - 1;
}
