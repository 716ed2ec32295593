/** Variables to closures that read and write them. variable-reader.ts and variable-writer.ts implement the names; references are checked here. */
import type { VariableReference } from './ast.js';
import { compileTransformations } from './compile-transformation.js';
import type { Compiler } from './compiler.js';
import { CONTACT_FIELDS, SOCKET_FIELDS } from './message-variable.js';
import type { Reader, Writer } from './run.js';
import { didYouMean } from './suggestion.js';
import { readerOf, TIME_FIELDS } from './variable-reader.js';
import { writerOf, type WriteKind } from './variable-writer.js';
import { VARIABLES, variableRow, type VariableRow } from './variables.js';

const NOTHING: Reader = () => null;

/** `$(<request>ru)`: a reply has no request available, and vice versa. */
function inContext({ context }: VariableReference, read: Reader): Reader {
  if (context === '') return read;
  const kind = context === '<request>' ? 1 : 2;
  return (run) => (run.context.sip()?.kind === kind ? read(run) : null);
}

export function compileVariable(compiler: Compiler, reference: VariableReference): Reader {
  const row = checked(compiler, reference);
  if (row === null) return NOTHING;
  if (reference.index === 'append') {
    compiler.error(reference.place, `$${reference.name} with [append] can only be set`, 'write [-1] for the oldest value');
    return NOTHING;
  }
  const bare = row.isAbsent ? absent(compiler, reference, row) : inContext(reference, readerOf(compiler, reference));
  const { transformations } = reference;
  const read = transformations.length === 0 ? bare : compileTransformations(compiler, bare, transformations);
  const { trace } = compiler;
  if (trace === null) return read;
  const text = compiler.source.excerpt(reference.place);
  return (run) => {
    const value = read(run);
    trace.value(text, value);
    return value;
  };
}

export function compileWriter(compiler: Compiler, reference: VariableReference, kind: WriteKind = 'assign'): Writer | null {
  const row = checked(compiler, reference);
  if (row === null) return null;
  const { name, place, transformations } = reference;
  if (!row.isWritable) {
    compiler.error(
      place,
      `$${name} cannot be set`,
      `settable: ${VARIABLES.filter((one) => one.isWritable && !one.isAbsent)
        .map((one) => (one.argument === 'name' || one.argument === 'header' ? `$${one.name}(name)` : `$${one.name}`))
        .join(', ')}`,
    );
    return null;
  }
  if (reference.context !== '') {
    compiler.error(place, `a variable of ${reference.context} cannot be set`, `write $${name}`);
    return null;
  }
  if (transformations.length > 0) {
    compiler.error(place, 'a variable with transformations cannot be set', `write $${name} without {${transformations[0].name}}`);
    return null;
  }
  if (row.isAbsent) {
    absent(compiler, reference, row);
    return () => true;
  }
  const write = writerOf(compiler, reference, kind);
  const { trace } = compiler;
  if (trace === null) return write;
  const text = compiler.source.excerpt(place);
  return (run, value) => {
    trace.assigned(text, value);
    return write(run, value);
  };
}

function absent(compiler: Compiler, { name, place }: VariableReference, { meaning }: VariableRow): Reader {
  compiler.diagnostics.note(place, `$${name} has ${meaning}`);
  return NOTHING;
}

const WORDS: Readonly<Record<string, readonly string[]>> = { 'ct.fields': CONTACT_FIELDS, socket_in: SOCKET_FIELDS, ctime: TIME_FIELDS };
const EXAMPLES: Readonly<Record<string, string>> = {
  name: 'name',
  header: 'User-Agent',
  format: '%Y-%m-%d',
  hep: 'src_ip',
  number: '1',
  word: 'uri',
};

/** The row of the variable; null if the reference is invalid, which is reported. */
function checked(compiler: Compiler, reference: VariableReference): VariableRow | null {
  const { name, place, argument, index, rest } = reference;
  const row = variableRow(name);
  const wrong = (message: string, repair = ''): null => {
    compiler.error(place, message, repair);
    return null;
  };
  if (row === undefined) {
    const known = VARIABLES.map((one) => one.name);
    return wrong(`unknown variable $${name}`, didYouMean(name, known).replace("'", "'$"));
  }
  if (rest !== '') return wrong(`unexpected '${rest}' after $${name}`);
  if (row.argument === 'none' && argument !== null) return wrong(`$${name} takes no argument`);
  if (row.argument !== 'none' && row.argument !== 'perhaps' && (argument === null || argument === ''))
    return wrong(`$${name} requires an argument`, `write $${name}(${EXAMPLES[row.argument]})`);
  if (index !== null && !row.isList) return wrong(`$${name} has no index`);
  if (name === 'branch.flag' && typeof index === 'string')
    return wrong(`$${name} has no index [${index}]`, 'expected the number of a branch');
  if (reference.inner !== null && name !== 'avp' && (row.argument === 'name' || row.argument === 'format'))
    return wrong(`the argument of $${name} must be a constant`);
  const words = WORDS[name];
  if (words !== undefined && argument !== null && !words.includes(argument))
    return wrong(`unknown $${name}(${argument})`, `known: ${words.join(', ')}`);
  if (row.argument === 'number' && reference.inner === null && !/^\d{1,3}$/.test(argument!)) return wrong(`$${name} requires a number`);
  return row;
}
