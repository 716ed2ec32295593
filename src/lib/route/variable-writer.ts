/** Writers of variables: assignments. */
import type { VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { writeJson } from './json-path.js';
import { requestUri } from './message-variable.js';
import type { Run, Writer } from './run.js';
import { changedUri } from './uri.js';
import { isTrue, numberOf, textOf, type Value } from './value.js';
import { avpPlace, flagName, statisticName } from './variable-reader.js';

/** `=`, `:=`, or `+=` and similar: an assignment to `$avp` adds a value, replaces all, or replaces the newest. */
export type WriteKind = 'assign' | 'reset' | 'change';

/** The writer of a reference that was checked. */
export function writerOf(compiler: Compiler, reference: VariableReference, kind: WriteKind): Writer {
  switch (reference.name) {
    case 'var':
    case 'shv': {
      const at = compiler.varSlot(reference.name === 'var' ? reference.argument! : `shv ${reference.argument}`);
      return (run, value) => {
        run.vars[at] = value;
        return true;
      };
    }
    case 'avp':
      return avpWriter(compiler, reference, kind);
    case 'json': {
      compiler.usesState = true;
      const path = reference.argument!;
      const spot = compiler.spot(reference.place);
      return (run, value) => {
        const refused = writeJson(run.documents, path, value, kind === 'reset');
        if (refused === '') return true;
        run.context.failed(spot, refused);
        return false;
      };
    }
    case 'stat': {
      const statistic = statisticName(compiler, reference);
      const spot = compiler.spot(reference.place);
      return (run, value) => {
        const number = value === null ? 0 : numberOf(textOf(value));
        const refused = Number.isNaN(number)
          ? `invalid number '${textOf(value)}'`
          : 'too many statistics, or a name of more than 256 characters';
        if (!Number.isNaN(number) && run.context.statistics.set(statistic(run), number)) return true;
        run.context.failed(spot, refused);
        return false;
      };
    }
    case 'msg.flag':
    case 'branch.flag': {
      compiler.usesState = true;
      const flag = flagName(compiler, reference);
      return (run, value) => {
        if (isTrue(value)) run.flags.add(flag(run));
        else run.flags.delete(flag(run));
        return true;
      };
    }
    case 'du':
      return (run, value) => {
        run.target = value === null ? '' : textOf(value);
        return true;
      };
    case 'dd':
    case 'dp': {
      const part = reference.name === 'dd' ? 'host' : 'port';
      return (run, value) => {
        run.target = changedUri(run.target, part, value === null ? '' : textOf(value));
        return true;
      };
    }
    case 'ru':
      return (run, value) => {
        run.requestUri = value === null ? '' : textOf(value);
        return true;
      };
    default: {
      const part = ({ rU: 'user', rd: 'host', rp: 'port' } as const)[reference.name as 'rU' | 'rd' | 'rp'];
      return (run, value) => {
        run.requestUri = changedUri(requestUri(run), part, value === null ? '' : textOf(value));
        return true;
      };
    }
  }
}

function avpWriter(compiler: Compiler, reference: VariableReference, kind: WriteKind): Writer {
  const { argument, index, place } = reference;
  const slot = avpPlace(compiler, reference);
  const change = avpChange(compiler, index, kind);
  const spot = compiler.spot(place);
  return (run, value) => {
    const at = slot(run);
    if (at >= 0 && change(run, at, value)) return true;
    run.context.failed(
      spot,
      at < 0 ? '$avp has no name, or too many' : `$avp(${argument}) ${index === null ? 'has too many values' : 'has no such value'}`,
    );
    return false;
  };
}

function avpChange(
  compiler: Compiler,
  index: VariableReference['index'],
  kind: WriteKind,
): (run: Run, at: number, value: Value) => boolean {
  if (index === '*' || (kind === 'reset' && index === null)) {
    return (run, at, value) => {
      run.avps.replaceAll(at, value);
      return true;
    };
  }
  if (index === 'append') return (run, at, value) => run.avps.append(at, value);
  if (typeof index === 'number') return (run, at, value) => run.avps.replace(at, index, value);
  if (index !== null) {
    const which = compiler.variable(index);
    return (run, at, value) => run.avps.replace(at, numberOf(textOf(which(run))), value);
  }
  if (kind === 'change') return (run, at, value) => run.avps.replace(at, 0, value);
  return (run, at, value) => run.avps.push(at, value);
}
