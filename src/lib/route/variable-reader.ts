/** Readers of variables: those of the script, and those of the message by their arguments. */
import type { VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { readJson } from './json-path.js';
import { body, bodyOfType, bodyParts, headerNames, partTypes } from './message-body.js';
import { contactField, contacts, hepNetReader, known, messageReader, socketField } from './message-variable.js';
import type { Reader, RouteTitle } from './run.js';
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
      return (run) => run.code;
    case 'return': {
      const number = argumentReader(compiler, reference);
      return (run) => run.results[numberOf(number(run))] ?? null;
    }
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
    case 'route.type':
      return routeReader(compiler, reference);
    case 'rb':
      return bodyReader(compiler, reference);
    case 'cT': {
      if (reference.index === null) return (run) => known(run.context.sip()?.contentType ?? '');
      if (reference.index === '*')
        return (run) => known([run.context.sip()?.contentType ?? '', ...partTypes(run)].filter((one) => one !== '').join(','));
      const which = placeReader(compiler, reference.index);
      return (run) => partTypes(run).at(which(run)) ?? null;
    }
    case 'hdr_name': {
      if (reference.index === '*') return (run) => known(headerNames(run).join(','));
      const which = placeReader(compiler, reference.index);
      return (run) => headerNames(run).at(which(run)) ?? null;
    }
    case 'msg.flag':
    case 'branch.flag': {
      compiler.usesState = true;
      const flag = flagName(compiler, reference);
      return (run) => (run.flags.has(flag(run)) ? 1 : 0);
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

/** All values of a reference with `[*]`, or its single value: what `for` iterates over. */
export function listReader(compiler: Compiler, reference: VariableReference): (run: Parameters<Reader>[0]) => readonly Value[] {
  if (reference.index === '*' && reference.transformations.length === 0) {
    if (reference.name === 'avp') {
      const at = avpPlace(compiler, reference);
      return (run) => run.avps.all(at(run));
    }
    if (reference.name === 'ct') return contacts;
    if (reference.name === 'ct.fields') {
      const field = reference.argument!;
      // A contact without the field ends the list, as in OpenSIPS.
      return (run) => untilNone(contacts(run).map((contact) => contactField(contact, field)));
    }
    if (reference.name === 'hdr_name') return headerNames;
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

/** The name of a statistic, with its variables replaced. */
export function statisticName(compiler: Compiler, reference: VariableReference): (run: Parameters<Reader>[0]) => string {
  if (reference.inner !== null || !reference.argument!.includes('$')) return argumentReader(compiler, reference);
  const parts = argumentParts(compiler.source.text, reference).map((part): Reader =>
    typeof part === 'string' ? () => part : compiler.variable(part),
  );
  return (run) => parts.map((part) => textOf(part(run))).join('');
}

/** The argument as text, constant or not. */
function argumentReader(compiler: Compiler, { argument, inner }: VariableReference): (run: Parameters<Reader>[0]) => string {
  if (inner === null) return () => argument ?? '';
  const read = compiler.variable(inner);
  return (run) => textOf(read(run));
}

function untilNone(values: readonly Value[]): readonly Value[] {
  const end = values.indexOf(null);
  return end < 0 ? values : values.slice(0, end);
}

/** The index of an $avp whose name is constant or from a variable; -1 if it has none. */
export function avpPlace(compiler: Compiler, { argument, inner }: VariableReference): (run: Parameters<Reader>[0]) => number {
  if (inner === null) {
    const at = compiler.avpSlot(argument ?? '');
    return () => at;
  }
  compiler.usesState = true;
  const name = compiler.variable(inner);
  return (run) => {
    const text = name(run);
    return text === null || text === '' ? -1 : run.avps.slot(textOf(text));
  };
}

/** A flag as stored in the set of flags: branch flags include the number of the branch. */
export function flagName(compiler: Compiler, { name, argument, index }: VariableReference): (run: Parameters<Reader>[0]) => string {
  const flag = argument!;
  if (name === 'msg.flag') return () => flag;
  const which = placeReader(compiler, index === '*' ? 0 : index);
  return (run) => branchFlag(flag, which(run));
}

export function branchFlag(flag: string, branch: string | number): string {
  return `branch ${branch} ${flag}`;
}

/** The routes from the outermost to the current one. */
function routeReader(compiler: Compiler, { name, index }: VariableReference): Reader {
  const own = compiler.current;
  const shown = ({ kind, name: of }: RouteTitle) =>
    name === 'route.type' ? kind : name === 'route.name' ? of : of === '' ? kind : `${kind}[${of}]`;
  if (index === null || index === 0) {
    const text = shown(own);
    return () => text;
  }
  if (index === '*') return (run) => [...run.callers, own].map(shown).join(' > ');
  const which = placeReader(compiler, index);
  return (run) => {
    const title = [own, ...[...run.callers].reverse()].at(which(run));
    return title === undefined ? null : shown(title);
  };
}

function bodyReader(compiler: Compiler, { argument, index }: VariableReference): Reader {
  const type = argument ?? '';
  if (index === null || index === '*') return type === '' ? body : (run) => bodyOfType(run, type);
  const which = placeReader(compiler, index);
  return type === '' ? (run) => bodyParts(run).at(which(run))?.text ?? null : (run) => bodyOfType(run, type, which(run));
}

/** As below; NaN is an index that nothing has. */
function placeReader(compiler: Compiler, index: Exclude<VariableReference['index'], '*'>): (run: Parameters<Reader>[0]) => number {
  const which = indexReader(compiler, index);
  if (typeof which === 'number') return () => which;
  return (run) => {
    const place = which(run);
    return Number.isNaN(place) ? Infinity : place;
  };
}

/** The index, 0 if there is none; NaN if it has no value. */
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

function avpReader(compiler: Compiler, reference: VariableReference): Reader {
  const { index } = reference;
  const place = avpPlace(compiler, reference);
  if (index === '*') return (run) => run.avps.all(place(run)).map(textOf).join(',') || null;
  if (index === null || index === 0) {
    if (reference.inner !== null) return (run) => run.avps.get(place(run), 0);
    const at = compiler.avpSlot(reference.argument!);
    return (run) => run.avps.newest[at];
  }
  const which = placeReader(compiler, index);
  return (run) => run.avps.get(place(run), which(run));
}

function contactReader(compiler: Compiler, { index }: VariableReference, of: (contact: string) => Value): Reader {
  if (index === '*') return (run) => contacts(run).map(of).map(textOf).join(',') || null;
  const which = placeReader(compiler, index);
  return (run) => {
    const contact = contacts(run).at(which(run));
    return contact === undefined ? null : of(contact);
  };
}

function headerReader(compiler: Compiler, reference: VariableReference): Reader {
  const { index, argument } = reference;
  const header = argumentReader(compiler, reference);
  if (index === '*') return (run) => run.context.headers(header(run)).join(',') || null;
  if (reference.inner !== null || (index !== null && typeof index !== 'number')) {
    const which = placeReader(compiler, index);
    return (run) => run.context.header(header(run), which(run));
  }
  const name = argument!;
  const place = index ?? 0;
  return (run) => run.context.header(name, place);
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
