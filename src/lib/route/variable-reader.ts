/** What variables read: those of the script, and by their arguments those of the message. */
import type { VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { readJson } from './json-path.js';
import { body, bodyOfType, contactField, contacts, hepNetReader, messageReader, socketField } from './message-variable.js';
import type { Reader } from './run.js';
import { didYouMean } from './suggestion.js';
import { HEP_NET_NAMES, hepNetName } from './variables.js';
import { numberOf, textOf, type Value } from './value.js';
import { argumentParts } from './variable-text.js';

/** `$ctime(...)` and the strftime format of each; months count from 0 and years from 1900, as in C. */
const TIMES: Readonly<Record<string, { format: string; less: number }>> = {
  sec: { format: '%S', less: 0 },
  min: { format: '%M', less: 0 },
  hour: { format: '%H', less: 0 },
  mday: { format: '%d', less: 0 },
  mon: { format: '%m', less: 1 },
  year: { format: '%Y', less: 1900 },
  wday: { format: '%w', less: 0 },
  yday: { format: '%j', less: 1 },
};
export const TIME_FIELDS: readonly string[] = Object.keys(TIMES);

/** The reader of a reference that was checked. */
export function readerOf(compiler: Compiler, reference: VariableReference): Reader {
  const { name, argument, place } = reference;
  switch (name) {
    case 'var':
    case 'shv': {
      const at = compiler.varSlot(name === 'var' ? argument! : `shv ${argument}`);
      return (run) => run.vars[at];
    }
    case 'avp':
      return avpReader(compiler, reference);
    case 'json': {
      const path = argument!;
      return (run) => readJson(run.documents, path);
    }
    case 'du':
      return (run) => (run.target === '' ? null : run.target);
    case 'rc':
    case 'retcode':
    case 'return':
      return (run) => run.code;
    case 'null':
      return () => null;
    case 'C':
      return () => '';
    case 'cfg_line': {
      const { line } = compiler.source.lineColumn(place.from);
      return () => line;
    }
    case 'cfg_file': {
      const file = compiler.source.nameAt(place.from);
      return () => file;
    }
    case 'route':
    case 'route.name':
    case 'route.type': {
      const { kind, name: own } = compiler.current;
      const text = name === 'route.type' ? kind : name === 'route.name' ? own : own === '' ? kind : `${kind}[${own}]`;
      return () => text;
    }
    case 'rb':
      return argument === null || argument === '' ? body : (run) => bodyOfType(run, argument);
    case 'msg.flag':
    case 'branch.flag': {
      compiler.usesState = true;
      const flag = name === 'msg.flag' ? argument! : `branch ${argument}`;
      return (run) => (run.flags.has(flag) ? 1 : 0);
    }
    case 'hdr':
      return headerReader(compiler, reference);
    case 'hdrcnt': {
      const header = argumentReader(compiler, reference);
      return (run) => run.context.headers(header(run)).length;
    }
    case 'ct':
      return contactReader(compiler, reference, (contact) => contact);
    case 'ct.fields': {
      const field = argument!;
      return contactReader(compiler, reference, (contact) => contactField(contact, field));
    }
    case 'socket_in':
      return (run) => socketField(run, argument);
    case 'ctime': {
      const { format, less } = TIMES[argument!];
      return (run) => Number(run.context.time(format)) - less;
    }
    case 'time': {
      const format = argument!;
      return (run) => run.context.time(format);
    }
    case 'param': {
      const number = argumentReader(compiler, reference);
      return (run) => run.params[numberOf(number(run)) - 1] ?? null;
    }
    case 'stat': {
      const statistic = statisticName(compiler, reference);
      return (run) => run.context.statistics.get(statistic(run));
    }
    case 'env': {
      const variable = argument!;
      return (run) => run.context.environment(variable);
    }
    case 'hep_net':
      return netReader(compiler, reference);
    case 'mi':
    case 'msg.id':
      compiler.usesState = true;
      return messageReader(name);
    default:
      return messageReader(name);
  }
}

/** All values of a reference with `[*]`, or the one that it has: what `for` goes through. */
export function listReader(compiler: Compiler, reference: VariableReference): (run: Parameters<Reader>[0]) => readonly Value[] {
  if (reference.index === '*' && reference.transformations.length === 0) {
    if (reference.name === 'avp') {
      const at = compiler.avpSlot(reference.argument ?? '');
      return (run) => run.avps.all(at);
    }
    if (reference.name === 'ct') return contacts;
    if (reference.name === 'hdr') {
      const header = argumentReader(compiler, reference);
      return (run) => [...run.context.headers(header(run))];
    }
  }
  const value = compiler.variable(reference);
  return (run) => {
    const one = value(run);
    return one === null ? [] : [one];
  };
}

/** The name of a statistic, in which variables are put in. */
export function statisticName(compiler: Compiler, reference: VariableReference): (run: Parameters<Reader>[0]) => string {
  if (reference.inner !== null || !reference.argument!.includes('$')) return argumentReader(compiler, reference);
  const parts = argumentParts(compiler.source.text, reference).map((part): Reader =>
    typeof part === 'string' ? () => part : compiler.variable(part),
  );
  return (run) => parts.map((part) => textOf(part(run))).join('');
}

/** The argument as text, known when the script is loaded or not. */
function argumentReader(compiler: Compiler, { argument, inner }: VariableReference): (run: Parameters<Reader>[0]) => string {
  if (inner === null) return () => argument ?? '';
  const read = compiler.variable(inner);
  return (run) => textOf(read(run));
}

/** The index, 0 where there is none; NaN where it has no value. */
function indexReader(
  compiler: Compiler,
  index: Exclude<VariableReference['index'], '*'>,
): number | ((run: Parameters<Reader>[0]) => number) {
  // The reference was checked: [append] is for assignments.
  if (index === null || index === 'append') return 0;
  if (typeof index === 'number') return index;
  const read = compiler.variable(index);
  return (run) => numberOf(textOf(read(run)));
}

function avpReader(compiler: Compiler, { argument, index }: VariableReference): Reader {
  const at = compiler.avpSlot(argument!);
  if (index === null || index === 0) return (run) => run.avps.newest[at];
  if (index === '*') return (run) => run.avps.all(at).map(textOf).join(',') || null;
  const which = indexReader(compiler, index);
  return (run) => run.avps.get(at, typeof which === 'number' ? which : which(run));
}

function contactReader(compiler: Compiler, { index }: VariableReference, of: (contact: string) => Value): Reader {
  if (index === '*') return (run) => contacts(run).map(of).map(textOf).join(',') || null;
  const which = indexReader(compiler, index);
  return (run) => {
    const contact = contacts(run).at(typeof which === 'number' ? which : which(run) || 0);
    return contact === undefined ? null : of(contact);
  };
}

function headerReader(compiler: Compiler, reference: VariableReference): Reader {
  const { index, argument } = reference;
  const header = argumentReader(compiler, reference);
  if (index === '*') return (run) => run.context.headers(header(run)).join(',') || null;
  const which = indexReader(compiler, index);
  if (typeof which !== 'number') return (run) => run.context.header(header(run), which(run) || 0);
  if (reference.inner !== null) return (run) => run.context.header(header(run), which);
  const name = argument!;
  return (run) => run.context.header(name, which);
}

function netReader(compiler: Compiler, reference: VariableReference): Reader {
  if (reference.inner !== null) {
    const word = argumentReader(compiler, reference);
    return (run) => hepNetReader(hepNetName(word(run)))(run);
  }
  const word = reference.argument!;
  const name = hepNetName(word);
  if (name === '')
    compiler.error(reference.place, `unknown $hep_net(${word})`, didYouMean(word, HEP_NET_NAMES) || `known: ${HEP_NET_NAMES.join(', ')}`);
  return hepNetReader(name);
}
