/** Calls to closures: which argument is which, what is wrong with them, and the functions that need no chunk. */
import type { CallExpression, Expression } from './ast.js';
import { constantArgument, textReader } from './call-argument.js';
import { resolveCall, type ArgumentsByRole } from './call-order.js';
import { CHUNK_FUNCTIONS } from './compile-chunk-call.js';
import type { CallCompiler, Compiler } from './compiler.js';
import { DEFAULT_LOG_LEVEL, FUNCTIONS, LOG_LEVELS, functionRow, type Role } from './functions.js';
import { MAX_ROUTE_DEPTH } from './limits.js';
import { methodOf } from './message-variable.js';
import type { Route } from './program.js';
import { EXIT, NEXT, RESUME, RETURN, TOO_MUCH_WORK, type Call } from './run.js';
import { didYouMean } from './suggestion.js';
import { numberOf } from './value.js';

const FAILURE: Call = () => -1;

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
  if (row === undefined) {
    compiler.error(
      call.namePlace,
      `there is no function ${call.name}()`,
      didYouMean(
        call.name,
        FUNCTIONS.map(({ name }) => name),
      ) || 'functions of other OpenSIPS modules are not known here',
    );
    return FAILURE;
  }
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
        'say which one is meant: script_version = 2 or script_version = 3',
      );
    return FAILURE;
  }
  if (found.form.isMisprint)
    compiler.diagnostics.note(call.place, `${call.name}() with three arguments is taken as (data type, chunk, variable for the data)`);
  const missing = found.form.roles.find((role, i) => call.arguments[i] === null && !(role in found.arguments) && isRequired(role));
  if (missing !== undefined) {
    compiler.error(call.place, `${call.name}() is called without ${missing}`, `write ${row.usage}`);
    return FAILURE;
  }
  return (CHUNK_FUNCTIONS[call.name] ?? COMPILERS[call.name])(compiler, found.arguments, call, compiler.spot(call.place));
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
            ? `'${typeText}' is no payload type`
            : run.context.report(id, table(run), number);
      if (refused === null) return 1;
      run.context.failed(spot, refused);
      return -1;
    };
  },
  hep_relay: (_compiler, _given, _call, spot) => (run) => {
    const text = run.target !== '' ? run.target : run.requestUri;
    const endpoint = text === '' ? 'there is no target: set $du' : run.endpoint(text);
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
    run.context.failed(spot, 'hep_resume_sip() belongs into the route that hep_route names');
    return -1;
  },
  is_method: (compiler, given) => {
    const words =
      constantArgument(compiler, given.methods!, 'the methods of is_method()')
        ?.split('|')
        .map((word) => word.trim().toUpperCase()) ?? [];
    if (words.includes('')) compiler.error(given.methods!.place, 'a method is missing', 'write is_method("INVITE|BYE")');
    return (run) => {
      const sip = run.context.sip();
      return sip !== null && words.includes(methodOf(sip)) ? 1 : -1;
    };
  },
  xlog: compileLog,
  log: compileLog,
  route: (compiler, given, _call, spot) => {
    const route = calledRoute(compiler, given.route!);
    return route === null ? FAILURE : runsRoute(route, spot);
  },
  async: (compiler, given, _call, spot) => {
    const inner = given.call!;
    if (inner.kind !== 'call' || functionRow(inner.name)?.isAsync !== true) {
      compiler.error(
        inner.place,
        'async() takes sip_capture() or report_capture()',
        'write async(sip_capture(), name of the route that goes on)',
      );
      return FAILURE;
    }
    const first = compiler.call(inner);
    const route = calledRoute(compiler, given.route!);
    if (route === null) return FAILURE;
    const second = runsRoute(route, spot);
    // Storing never waits here, so the route that goes on is run at once; what stands behind async() is not.
    return (run) => {
      run.code = first(run);
      const code = second(run);
      if (run.signal === NEXT) run.signal = EXIT;
      return code;
    };
  },
};

function compileLog(compiler: Compiler, given: ArgumentsByRole): Call {
  const text = textReader(compiler, given.text);
  let level = DEFAULT_LOG_LEVEL;
  if (given.level !== undefined) {
    const word = constantArgument(compiler, given.level, 'the level')?.trim() ?? 'L_INFO';
    level = LOG_LEVELS[word.toUpperCase()] ?? numberOf(word);
    if (Number.isNaN(level)) compiler.error(given.level.place, `'${word}' is no level`, `known are ${Object.keys(LOG_LEVELS).join(', ')}`);
  }
  return (run) => {
    run.context.log(level, text(run) ?? '<null>');
    return 1;
  };
}

function calledRoute(compiler: Compiler, name: Expression): Route | null {
  if (name.kind === 'route name') return compiler.called(name.name, name.place);
  compiler.error(name.place, "a route's name is a constant", 'write route(name)');
  return null;
}

/** A route that reaches its end gives 1. */
function runsRoute(route: Route, spot: string): Call {
  return (run) => {
    if (run.depth >= MAX_ROUTE_DEPTH) {
      run.context.failed(spot, `routes call each other deeper than ${MAX_ROUTE_DEPTH} levels`);
      return -1;
    }
    if (!run.mayWork()) {
      run.context.failed(spot, TOO_MUCH_WORK);
      return -1;
    }
    run.depth++;
    const signal = route.body(run);
    run.depth--;
    if (signal === RETURN) return run.returned;
    if (signal >= EXIT) run.signal = signal;
    return 1;
  };
}

function isRequired(role: Role): boolean {
  return (
    role === 'chunk' ||
    role === 'data' ||
    role === 'correlation' ||
    role === 'methods' ||
    role === 'text' ||
    role === 'call' ||
    role === 'route'
  );
}
