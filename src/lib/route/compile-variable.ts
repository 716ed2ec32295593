/** Variables to closures that read and write them. */
import type { VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { hepNetName, variableRow, HEP_NET_NAMES, VARIABLES } from './variables.js';
import { hepNetReader, messageReader } from './message-variable.js';
import type { Reader, Writer } from './run.js';
import { didYouMean } from './suggestion.js';
import { textOf } from './value.js';

const NOTHING: Reader = () => null;

export function compileVariable(compiler: Compiler, reference: VariableReference): Reader {
  const read = readerOf(compiler, reference);
  const { trace } = compiler;
  if (trace === null) return read;
  const text = compiler.source.excerpt(reference.place);
  return (run) => {
    const value = read(run);
    trace.value(text, value);
    return value;
  };
}

export function compileWriter(compiler: Compiler, reference: VariableReference): Writer | null {
  const write = writerOf(compiler, reference);
  const { trace } = compiler;
  if (trace === null || write === null) return write;
  const text = compiler.source.excerpt(reference.place);
  return (run, value) => {
    trace.assigned(text, value);
    return write(run, value);
  };
}

function writerOf(compiler: Compiler, reference: VariableReference): Writer | null {
  const row = checked(compiler, reference);
  if (row === null) return null;
  if (!row.isWritable) {
    compiler.error(
      reference.place,
      `$${row.name} cannot be set`,
      `settable are ${VARIABLES.filter((one) => one.isWritable)
        .map((one) => (one.argument === 'name' ? `$${one.name}(name)` : `$${one.name}`))
        .join(', ')}`,
    );
    return null;
  }
  switch (row.name) {
    case 'var':
      return varWriter(compiler.varSlot(reference.argument!));
    case 'avp':
      return avpWriter(compiler.avpSlot(reference.argument!));
    case 'du':
      return (run, value) => {
        run.target = value === null ? '' : textOf(value);
        return true;
      };
    default:
      return (run, value) => {
        run.requestUri = value === null ? '' : textOf(value);
        return true;
      };
  }
}

function varWriter(at: number): Writer {
  return (run, value) => {
    run.vars[at] = value;
    return true;
  };
}

function avpWriter(at: number): Writer {
  return (run, value) => {
    run.avps[at] = value;
    return true;
  };
}

function readerOf(compiler: Compiler, reference: VariableReference): Reader {
  const row = checked(compiler, reference);
  if (row === null) return NOTHING;
  const { name } = row;
  switch (name) {
    case 'var': {
      const at = compiler.varSlot(reference.argument!);
      return (run) => run.vars[at];
    }
    case 'avp': {
      const at = compiler.avpSlot(reference.argument!);
      return (run) => run.avps[at];
    }
    case 'du':
      return (run) => (run.target === '' ? null : run.target);
    case 'rc':
    case 'retcode':
      return (run) => run.code;
    case 'null':
      return NOTHING;
    case 'hdr':
      return headerReader(compiler, reference);
    case 'time': {
      const format = reference.argument!;
      return (run) => run.context.time(format);
    }
    case 'hep_net':
      return netReader(compiler, reference);
    default:
      return messageReader(name);
  }
}

function headerReader(compiler: Compiler, reference: VariableReference): Reader {
  const index = reference.index ?? 0;
  if (reference.inner !== null) {
    const name = compileVariable(compiler, reference.inner);
    return (run) => run.context.header(textOf(name(run)), index);
  }
  const name = reference.argument!;
  return (run) => run.context.header(name, index);
}

function netReader(compiler: Compiler, reference: VariableReference): Reader {
  if (reference.inner !== null) {
    const word = compileVariable(compiler, reference.inner);
    return (run) => hepNetReader(hepNetName(textOf(word(run))))(run);
  }
  const word = reference.argument!;
  const name = hepNetName(word);
  if (name === '')
    compiler.error(
      reference.place,
      `$hep_net knows no '${word}'`,
      didYouMean(word, HEP_NET_NAMES) || `known are ${HEP_NET_NAMES.join(', ')}`,
    );
  return hepNetReader(name);
}

/** The row of the variable; null where something is wrong with the reference, which is said. */
function checked(compiler: Compiler, reference: VariableReference) {
  const { name, place, argument, index, rest } = reference;
  const row = variableRow(name);
  if (row === undefined) {
    compiler.error(
      place,
      `there is no variable $${name}`,
      didYouMean(
        name,
        VARIABLES.map((one) => one.name),
      ).replace("'", "'$"),
    );
    return null;
  }
  if (rest !== '') {
    compiler.error(
      place,
      rest.startsWith('{') ? `transformations such as ${rest} are not known here` : `'${rest}' behind $${name} means nothing`,
    );
    return null;
  }
  if (row.argument === 'none' ? argument !== null : argument === null || argument === '') {
    compiler.error(
      place,
      row.argument === 'none' ? `$${name} takes no argument` : `$${name} needs an argument`,
      row.argument === 'none' ? '' : `write $${name}(${EXAMPLES[row.argument]})`,
    );
    return null;
  }
  if (index !== null && row.argument !== 'header' && name !== 'avp') {
    compiler.error(place, `$${name} has no index`);
    return null;
  }
  if (reference.inner !== null && (row.argument === 'name' || row.argument === 'format')) {
    compiler.error(place, `the argument of $${name} is a constant`);
    return null;
  }
  return row;
}

const EXAMPLES = { name: 'name', header: 'User-Agent', format: '%Y-%m-%d', hep: 'src_ip' } as const;
