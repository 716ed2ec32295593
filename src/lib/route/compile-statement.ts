/** Statements to closures. Each returns a signal: continue, or end the block, the route or the script. */
import type { AssignmentStatement, Expression, ForStatement, ReturnStatement, Statement, SwitchStatement, WhileStatement } from './ast.js';
import { compileWriter } from './compile-variable.js';
import type { Compiler } from './compiler.js';
import { BREAK, DROP, EXIT, NEXT, NO_PARAMS, RETURN, TOO_MUCH_WORK, type Step, type Test } from './run.js';
import { listReader } from './variable-reader.js';
import { TRUE, calculate, equal, shown, type Value } from './value.js';

const nothing: Step = () => NEXT;

export function compileBlock(compiler: Compiler, statements: readonly Statement[]): Step {
  const steps: Step[] = [];
  let isEnded = false;
  for (const statement of statements) {
    if (statement.kind === 'empty') continue;
    if (isEnded) {
      compiler.diagnostics.warn(statement.place, 'unreachable statement', 'the statement before it ends the block');
      isEnded = false;
    }
    steps.push(compileStatement(compiler, statement));
    if (statement.kind === 'exit' || statement.kind === 'drop' || statement.kind === 'return' || statement.kind === 'break') isEnded = true;
  }
  if (steps.length === 0) return nothing;
  if (steps.length === 1) return steps[0];
  if (steps.length === 2) {
    const [first, second] = steps;
    return (run) => {
      run.work++;
      return first(run) || second(run);
    };
  }
  return (run) => {
    run.work += steps.length - 1;
    for (let i = 0; i < steps.length; i++) {
      const signal = steps[i](run);
      if (signal !== NEXT) return signal;
    }
    return NEXT;
  };
}

function compileStatement(compiler: Compiler, statement: Statement): Step {
  const step = compileBare(compiler, statement);
  const { trace } = compiler;
  if (trace === null || statement.kind === 'block') return step;
  const { place } = statement;
  return (run) => {
    trace.statement(place);
    return step(run);
  };
}

function compileBare(compiler: Compiler, statement: Statement): Step {
  switch (statement.kind) {
    case 'block':
      return compileBlock(compiler, statement.statements);
    case 'empty':
      return nothing;
    case 'exit':
      return () => EXIT;
    case 'drop':
      return () => DROP;
    case 'break':
      if (compiler.loops === 0)
        compiler.diagnostics.warn(
          statement.place,
          'break outside of a loop or switch: it ends the route',
          'return leaves a route, exit ends the script',
        );
      return () => BREAK;
    case 'return':
      return compileReturn(compiler, statement);
    case 'if': {
      const test = compileDecision(compiler, statement.condition);
      const then = compileBlock(compiler, [statement.then]);
      const otherwise = statement.otherwise === null ? nothing : compileBlock(compiler, [statement.otherwise]);
      return (run) => {
        const outcome = test(run);
        if (run.signal !== NEXT) return run.signal;
        return outcome === TRUE ? then(run) : otherwise(run);
      };
    }
    case 'while':
      return compileWhile(compiler, statement);
    case 'for':
      return compileFor(compiler, statement);
    case 'switch':
      return compileSwitch(compiler, statement);
    case 'assignment':
      return compileAssignment(compiler, statement);
    case 'call statement': {
      const call = compiler.call(statement.call);
      return (run) => {
        const code = call(run);
        if (run.signal !== NEXT) return run.signal;
        run.code = code;
        return code === 0 ? EXIT : NEXT;
      };
    }
  }
}

/** The condition of an `if` or a `while`, which is reported to a trace. */
function compileDecision(compiler: Compiler, condition: Expression): Test {
  const test = compiler.test(condition);
  const { trace } = compiler;
  if (trace === null) return test;
  const { place } = condition;
  return (run) => {
    trace.deciding(place);
    const outcome = test(run);
    trace.condition(place, outcome === TRUE);
    return outcome;
  };
}

/** `return` without a value returns 1; 0 ends the script like `exit`. */
function compileReturn(compiler: Compiler, { value: code, results, place }: ReturnStatement): Step {
  const spot = compiler.spot(place);
  if (code === null) {
    return (run) => {
      run.returned = 1;
      run.results = NO_PARAMS;
      return RETURN;
    };
  }
  const value = compiler.value(code);
  const readers = results.map((one) => compiler.value(one));
  return (run) => {
    const given = value(run);
    if (run.signal !== NEXT) return run.signal;
    run.results = readers.length === 0 ? NO_PARAMS : readers.map((read) => read(run));
    if (typeof given !== 'number') run.context.failed(spot, `return requires a number, not ${shown(given)}`);
    run.returned = typeof given === 'number' ? given : -1;
    return run.returned === 0 ? EXIT : RETURN;
  };
}

function compileWhile(compiler: Compiler, { place, condition, body }: WhileStatement): Step {
  const test = compileDecision(compiler, condition);
  compiler.loops++;
  const step = compileBlock(compiler, [body]);
  compiler.loops--;
  const spot = compiler.spot(place);
  const maxTurns = compiler.maxLoops;
  return (run) => {
    let turn = 0;
    for (; turn < maxTurns && run.mayWork(); turn++) {
      const outcome = test(run);
      if (run.signal !== NEXT) return run.signal;
      if (outcome !== TRUE) return NEXT;
      const signal = step(run);
      if (signal === BREAK) return NEXT;
      if (signal !== NEXT) return signal;
    }
    run.context.failed(spot, turn >= maxTurns ? `loop ended after ${maxTurns} turns (max_while_loops)` : TOO_MUCH_WORK);
    return NEXT;
  };
}

function compileFor(compiler: Compiler, { place, target, list, body }: ForStatement): Step {
  const write = compileWriter(compiler, target, 'change');
  compiler.variable(list);
  const isList = list.index === '*';
  if (!isList)
    compiler.diagnostics.warn(
      list.place,
      'the loop does not run: for goes through all values of a variable',
      `write $(${list.name}${list.argument === null ? '' : `(${list.argument})`}[*])`,
    );
  const values = listReader(compiler, list);
  compiler.loops++;
  const step = compileBlock(compiler, [body]);
  compiler.loops--;
  const spot = compiler.spot(place);
  if (write === null || !isList) return nothing;
  return (run) => {
    for (const value of values(run)) {
      if (!run.mayWork()) {
        run.context.failed(spot, TOO_MUCH_WORK);
        return NEXT;
      }
      write(run, value);
      const signal = step(run);
      if (signal === BREAK) return NEXT;
      if (signal !== NEXT) return signal;
    }
    return NEXT;
  };
}

/** A case falls through to the next one until a `break`, as in OpenSIPS. */
function compileSwitch(compiler: Compiler, { value, cases }: SwitchStatement): Step {
  const read = compiler.value(value);
  const seen: Value[] = [];
  let otherwise = -1;
  const constants = cases.map((one, at): Value => {
    if (one.value === null) {
      if (otherwise >= 0) compiler.error(one.place, "duplicate 'default'");
      otherwise = at;
      return null;
    }
    const constant = one.value.kind === 'number' ? one.value.value : one.value.plain;
    if (seen.includes(constant)) compiler.error(one.value.place, `duplicate case ${shown(constant)}`);
    seen.push(constant);
    return constant;
  });
  compiler.loops++;
  const bodies = cases.map((one) => compileBlock(compiler, one.statements));
  compiler.loops--;
  return (run) => {
    const given = read(run);
    if (run.signal !== NEXT) return run.signal;
    let at = given === null ? -1 : constants.findIndex((constant) => constant !== null && equal(given, constant) === TRUE);
    if (at < 0) at = otherwise;
    if (at < 0) return NEXT;
    for (; at < bodies.length; at++) {
      const signal = bodies[at](run);
      if (signal === BREAK) return NEXT;
      if (signal !== NEXT) return signal;
    }
    return NEXT;
  };
}

function compileAssignment(compiler: Compiler, { place, target, operator, value }: AssignmentStatement): Step {
  const write = compileWriter(compiler, target, operator === '=' ? 'assign' : operator === ':=' ? 'reset' : 'change');
  const given = compiler.value(value);
  if (write === null) return nothing;
  if (operator === '=' || operator === ':=') {
    return (run) => {
      run.hasNoValue = false;
      const made = given(run);
      if (run.signal !== NEXT) return run.signal;
      // The result of a failed evaluation is not assigned.
      run.code = !run.hasNoValue && write(run, made) ? 1 : -1;
      return NEXT;
    };
  }
  const read = compiler.value(target);
  const sum = operator.slice(0, -1) as Parameters<typeof calculate>[0];
  const spot = compiler.spot(place);
  return (run) => {
    run.hasNoValue = false;
    const before = read(run);
    const by = given(run);
    if (run.signal !== NEXT) return run.signal;
    const made = run.hasNoValue || before === null || by === null ? undefined : calculate(sum, before, by);
    if (made === undefined) {
      if (!run.hasNoValue) run.context.failed(spot, `cannot calculate ${shown(before)} ${sum} ${shown(by)}`);
      run.code = -1;
      return NEXT;
    }
    run.code = (typeof made !== 'string' || run.fits(made, spot)) && write(run, made) ? 1 : -1;
    return NEXT;
  };
}
