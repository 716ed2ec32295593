/** Calls to closures: the roles of arguments, their errors, and the functions that need no chunk. */
import type { CallExpression, Expression } from './ast.js';
import { constantArgument, textReader } from './call-argument.js';
import { resolveCall, type ArgumentsByRole } from './call-order.js';
import { CHUNK_FUNCTIONS } from './compile-chunk-call.js';
import type { CallCompiler, Compiler } from './compiler.js';
import { FOREIGN_FUNCTIONS, IDLE_FUNCTIONS } from './foreign-functions.js';
import { OPTIONAL_ROLES, PLAIN_ROLES, type Role } from './function-row.js';
import { DEBUG_LOG_LEVEL, DEFAULT_LOG_LEVEL, FUNCTIONS, LOG_LEVEL_NAMES, functionRow, logLevelOf } from './functions.js';
import { MAX_ROUTE_DEPTH } from './limits.js';
import { MESSAGE_FUNCTIONS } from './message-functions.js';
import { methodOf } from './message-variable.js';
import type { Route } from './program.js';
import { EXIT, NEXT, NO_PARAMS, RESUME, RETURN, TOO_MUCH_WORK, type Call } from './run.js';
import { STATE_FUNCTIONS } from './state-functions.js';
import { didYouMean } from './suggestion.js';
import { numberOf } from './value.js';

const FAILURE: Call = () => -1;
const SKIP = 'use --unknown-functions skip (or set unknown_functions: skip) to skip functions of other OpenSIPS modules';

export function compileCall(compiler: Compiler, call: CallExpression): Call {
  const made = madeCall(compiler, call);
  const { trace } = compiler;
  if (trace === null) return made;
  return (run) => {
    const code = made(run);
    trace.result(call.name, code);
    return code;
  };
}

function madeCall(compiler: Compiler, call: CallExpression): Call {
  const row = functionRow(call.name);
  if (row === undefined) return strangeCall(compiler, call);
  const found = resolveCall(call, row, compiler.vocabulary.types, compiler.version);
  if ('unresolved' in found) {
    if (found.unresolved === 'count')
      compiler.error(
        call.place,
        `${call.name}() does not take ${call.arguments.length} ${call.arguments.length === 1 ? 'argument' : 'arguments'}`,
        `write ${row.usage}`,
      );
    else
      compiler.error(
        call.place,
        `OpenSIPS 2.x and 3.x take the arguments of ${call.name}() in different orders, and these fit both`,
        'set script_version = 2 or script_version = 3',
      );
    return FAILURE;
  }
  if (found.form.isMisprint)
    compiler.diagnostics.note(call.place, `${call.name}() with three arguments is taken as (data type, chunk, variable for the data)`);
  const mayBeEmpty = (role: Role) => OPTIONAL_ROLES.has(role) || row.mayBeEmpty?.includes(role) === true;
  const missing = found.form.roles.find((role, i) => call.arguments[i] === null && !(role in found.arguments) && !mayBeEmpty(role));
  if (missing !== undefined) {
    compiler.error(call.place, `${call.name}() is called without its ${missing} argument`, `write ${row.usage}`);
    return FAILURE;
  }
  return ALL_COMPILERS[call.name](compiler, found.arguments, call, compiler.spot(call.place));
}

/** A function unrelated to capturing, or an unknown one. */
function strangeCall(compiler: Compiler, { name, namePlace }: CallExpression): Call {
  const idle = IDLE_FUNCTIONS.get(name);
  if (idle !== undefined) {
    compiler.diagnostics.note(namePlace, `${name}() has no effect here: ${idle}`);
    return () => 1;
  }
  const foreign = FOREIGN_FUNCTIONS.get(name);
  if (compiler.unknownFunctions === 'skip') {
    compiler.diagnostics.note(namePlace, `${name}() is skipped (unknown_functions: skip)`);
    const code = foreign?.code ?? -1;
    return (run) => {
      run.context.skipped(name);
      return code;
    };
  }
  if (foreign !== undefined) compiler.error(namePlace, `${name}() is not available here (OpenSIPS module ${foreign.module})`, SKIP);
  else
    compiler.error(
      namePlace,
      `unknown function ${name}()`,
      didYouMean(
        name,
        FUNCTIONS.map((row) => row.name),
      ) || SKIP,
    );
  return FAILURE;
}

const COMPILERS: Readonly<Record<string, CallCompiler>> = {
  sip_capture: (compiler, given, _call, spot) => {
    const [table, first, second, third] = (['table', 'custom1', 'custom2', 'custom3'] as const).map((role) =>
      textReader(compiler, given[role]),
    );
    return (run) => {
      const refused = run.context.store(table(run), first(run), second(run), third(run));
      if (refused === null) return 1;
      if (refused !== '') run.context.failed(spot, refused);
      return -1;
    };
  },
  report_capture: (compiler, given, _call, spot) => {
    const correlation = textReader(compiler, given.correlation);
    const table = textReader(compiler, given.table);
    const type = textReader(compiler, given.payloadType);
    return (run) => {
      const id = correlation(run);
      const typeText = type(run);
      const number = typeText === null ? -1 : numberOf(typeText);
      const refused =
        id === null || id === ''
          ? 'the correlation id is empty'
          : Number.isNaN(number) || number > 255
            ? `invalid payload type '${typeText}': expected 0 to 255`
            : run.context.report(id, table(run), number);
      if (refused === null) return 1;
      run.context.failed(spot, refused);
      return -1;
    };
  },
  hep_relay: (_compiler, _given, _call, spot) => (run) => {
    const text = run.target !== '' ? run.target : run.requestUri;
    const endpoint = text === '' ? 'no target: set $du' : run.endpoint(text);
    const refused = typeof endpoint === 'string' ? endpoint : run.context.relay(endpoint);
    if (refused === null) return 1;
    run.context.failed(spot, refused);
    return -1;
  },
  hep_resume_sip: (_compiler, _given, _call, spot) => (run) => {
    if (run.context.stage === 'hep') {
      run.signal = RESUME;
      return 1;
    }
    run.context.failed(spot, 'hep_resume_sip() works only in the route that hep_route names');
    return -1;
  },
  is_method: (compiler, given) => {
    const words =
      constantArgument(compiler, given.methods!, 'the methods of is_method()')
        ?.split('|')
        .map((word) => word.trim().toUpperCase()) ?? [];
    if (words.includes('')) compiler.error(given.methods!.place, 'missing method', 'write is_method("INVITE|BYE")');
    return (run) => {
      const sip = run.context.sip();
      return sip !== null && words.includes(methodOf(sip)) ? 1 : -1;
    };
  },
  xlog: compileLog,
  log: compileLog,
  xdbg: compileLog,
  launch: compileLaunch,
  route: (compiler, given, _call, spot) => {
    const call = routeCall(compiler, given.route!, spot);
    const values = PLAIN_ROLES.flatMap((role) => (given[role] === undefined ? [] : [compiler.value(given[role])]));
    if (call === null) return FAILURE;
    return (run) => {
      const before = run.params;
      // Parameters are those of this call, not of the calling route.
      run.params = values.length === 0 ? NO_PARAMS : values.map((value) => value(run));
      const code = call(run);
      run.params = before;
      return code;
    };
  },
  async: (compiler, given, _call, spot) => {
    const first = asyncCall(compiler, given.call!, 'async');
    if (first === null) return FAILURE;
    const route = calledRoute(compiler, given.route!);
    if (route === null) return FAILURE;
    const second = runsRoute(compiler, route, spot);
    // Storing never waits here, so the resume route runs at once; statements after async() do not.
    return (run) => {
      run.code = first(run);
      const code = second(run);
      if (run.signal === NEXT) run.signal = EXIT;
      return code;
    };
  },
};

/** Statements after launch() run once the route has ended, however it ended. */
function compileLaunch(compiler: Compiler, given: ArgumentsByRole, _call: CallExpression, spot: string): Call {
  const first = asyncCall(compiler, given.call!, 'launch');
  const route = given.route === undefined ? null : calledRoute(compiler, given.route);
  if (first === null) return FAILURE;
  const second = route === null ? null : runsRoute(compiler, route, spot);
  return (run) => {
    run.code = first(run);
    second?.(run);
    if (run.signal === EXIT) run.signal = NEXT;
    return 1;
  };
}

function asyncCall(compiler: Compiler, inner: Expression, name: string): Call | null {
  if (inner.kind === 'call' && functionRow(inner.name)?.isAsync === true) return compiler.call(inner);
  if (inner.kind === 'call' && functionRow(inner.name) === undefined) return compiler.call(inner);
  compiler.error(
    inner.place,
    `${name}() takes sip_capture() or report_capture()`,
    `write ${name}(sip_capture(), name of the resume route)`,
  );
  return null;
}

function compileLog(compiler: Compiler, given: ArgumentsByRole, { name }: CallExpression): Call {
  const text = textReader(compiler, given.text);
  let level = name === 'xdbg' ? DEBUG_LOG_LEVEL : DEFAULT_LOG_LEVEL;
  if (given.level !== undefined) {
    const word = constantArgument(compiler, given.level, 'the level')?.trim() ?? 'L_INFO';
    level = logLevelOf(word);
    if (Number.isNaN(level)) compiler.error(given.level.place, `invalid log level '${word}'`, `expected ${LOG_LEVEL_NAMES}`);
  }
  return (run) => {
    run.context.log(level, text(run) ?? '<null>');
    return 1;
  };
}

function calledRoute(compiler: Compiler, name: Expression): Route | null {
  if (name.kind === 'route name') return compiler.called(name.name, name.place);
  compiler.error(name.place, "a route's name must be a constant", 'write the name of the route');
  return null;
}

/** The call of a route by its name, or by a name known at run time. */
function routeCall(compiler: Compiler, name: Expression, spot: string): Call | null {
  if (name.kind === 'route name') {
    const route = compiler.called(name.name, name.place);
    return route === null ? null : runsRoute(compiler, route, spot);
  }
  const text = textReader(compiler, name);
  const calls = new Map<string, Call>();
  for (const route of compiler.routes) {
    if (route.kind !== 'route') continue;
    compiler.calls.add(route);
    calls.set(route.name === '' ? '0' : route.name, runsRoute(compiler, route, spot));
  }
  return (run) => {
    const wanted = text(run) ?? '<null>';
    const call = calls.get(wanted);
    if (call !== undefined) return call(run);
    run.context.failed(spot, `unknown route '${wanted}'`);
    return -1;
  };
}

/** A route that reaches its end returns 1. */
function runsRoute({ current: caller }: Compiler, route: Route, spot: string): Call {
  return (run) => {
    if (run.depth >= MAX_ROUTE_DEPTH) {
      run.context.failed(spot, `routes call each other more than ${MAX_ROUTE_DEPTH} levels deep`);
      return -1;
    }
    if (!run.mayWork()) {
      run.context.failed(spot, TOO_MUCH_WORK);
      return -1;
    }
    run.depth++;
    run.callers.push(caller);
    run.results = NO_PARAMS;
    const signal = route.body(run);
    run.callers.pop();
    run.depth--;
    if (signal === RETURN) return run.returned;
    run.results = NO_PARAMS;
    if (signal >= EXIT) run.signal = signal;
    return 1;
  };
}

const ALL_COMPILERS: Readonly<Record<string, CallCompiler>> = {
  ...COMPILERS,
  ...CHUNK_FUNCTIONS,
  ...MESSAGE_FUNCTIONS,
  ...STATE_FUNCTIONS,
};
