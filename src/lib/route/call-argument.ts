/** Arguments of calls: as text at run time, or as constants at load time. */
import type { Expression } from './ast.js';
import { constantOf } from './call-order.js';
import type { Compiler } from './compiler.js';
import type { Run } from './run.js';
import { textOf } from './value.js';

export type TextReader = (run: Run) => string | null;

const NO_TEXT: TextReader = () => null;

/** The argument as text; null if it is missing or has no value. */
export function textReader(compiler: Compiler, argument: Expression | undefined): TextReader {
  if (argument === undefined) return NO_TEXT;
  const value = compiler.value(argument);
  return (run) => {
    const given = value(run);
    return given === null ? null : textOf(given);
  };
}

/** A value that must be known at load time; null, and reported, if it is not. */
export function constantArgument(compiler: Compiler, argument: Expression, what: string): string | null {
  const text = constantOf(argument);
  if (text === null) compiler.error(argument.place, `${what} must be a constant`);
  return text;
}
