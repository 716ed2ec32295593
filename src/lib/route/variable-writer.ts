/** What assignments to variables do. */
import type { VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { writeJson } from './json-path.js';
import { requestUri } from './message-variable.js';
import type { Writer } from './run.js';
import { changedUri } from './uri.js';
import { isTrue, numberOf, textOf } from './value.js';
import { statisticName } from './variable-reader.js';

/** `=`, `:=`, or `+=` and its like: an assignment to `$avp` adds a value, replaces all, or replaces the newest. */
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
        const refused = Number.isNaN(number) ? `invalid number '${textOf(value)}'` : 'too many statistics';
        if (!Number.isNaN(number) && run.context.statistics.set(statistic(run), number)) return true;
        run.context.failed(spot, refused);
        return false;
      };
    }
    case 'msg.flag':
    case 'branch.flag': {
      compiler.usesState = true;
      const flag = reference.name === 'msg.flag' ? reference.argument! : `branch ${reference.argument}`;
      return (run, value) => {
        if (isTrue(value)) run.flags.add(flag);
        else run.flags.delete(flag);
        return true;
      };
    }
    case 'du':
      return (run, value) => {
        run.target = value === null ? '' : textOf(value);
        return true;
      };
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

function avpWriter(compiler: Compiler, { argument, index, place }: VariableReference, kind: WriteKind): Writer {
  const at = compiler.avpSlot(argument!);
  if (index === '*' || (kind === 'reset' && index === null)) {
    return (run, value) => {
      run.avps.replaceAll(at, value);
      return true;
    };
  }
  if (index === 'append') return (run, value) => run.avps.append(at, value);
  if (index !== null) {
    const which = typeof index === 'number' ? null : compiler.variable(index);
    return (run, value) => run.avps.replace(at, which === null ? (index as number) : numberOf(textOf(which(run))), value);
  }
  if (kind === 'change') return (run, value) => run.avps.replace(at, 0, value);
  const spot = compiler.spot(place);
  return (run, value) => {
    if (run.avps.push(at, value)) return true;
    run.context.failed(spot, `$avp(${argument}) has too many values`);
    return false;
  };
}
