/** `--where`: a condition in the language of route scripts, and the part that a database can evaluate by its columns. */
import { UsageError } from '../../base/index.js';
import { compileFilter, type FilterProgram } from '../../route/filter/index.js';
import { Diagnostics, Source, formatDiagnostics, type Expression } from '../../route/index.js';
import { allOf, anyOf, type Condition, type QueryField } from '../../store/read/index.js';
import { HEP_CHUNKS } from '../route-chunks.js';
import { spellingsOf } from './flag-terms.js';

/** Variables that correspond to a column. */
const TEXT_FIELDS: Readonly<Record<string, QueryField>> = {
  fU: 'fromUser',
  fd: 'fromDomain',
  ft: 'fromTag',
  tU: 'toUser',
  td: 'toDomain',
  tt: 'toTag',
  rU: 'ruriUser',
  oU: 'ruriUser',
  rd: 'ruriDomain',
  od: 'ruriDomain',
  ci: 'callId',
  ua: 'userAgent',
};
const ADDRESS_FIELDS: Readonly<Record<string, QueryField>> = { si: 'sourceAddress', Ri: 'destinationAddress' };
const PORT_FIELDS: Readonly<Record<string, QueryField>> = { sp: 'sourcePort', Rp: 'destinationPort' };

interface PushDown {
  condition: Condition | null;
  isExact: boolean;
}

const NOTHING: PushDown = { condition: null, isExact: false };

/** Throws a UsageError with all errors, as scripts have them; `report` gets warnings and notes. */
export function compileWhere(text: string, report: (text: string) => void): FilterProgram {
  const source = new Source('--where', text);
  const diagnostics = new Diagnostics();
  const program = compileFilter(source, HEP_CHUNKS, diagnostics);
  const shown = formatDiagnostics(source, diagnostics.list());
  if (program === null) throw new UsageError(shown.trimEnd());
  if (shown !== '') report(shown);
  return program;
}

/** The part of a condition that a database can evaluate. */
export function pushDownOf(expression: Expression): PushDown {
  switch (expression.kind) {
    case 'group':
      return pushDownOf(expression.inner);
    case 'binary': {
      const { operator, left, right } = expression;
      if (operator === '&&' || operator === '||') {
        const both = [pushDownOf(left), pushDownOf(right)];
        const conditions = both.map(({ condition }) => condition);
        return { condition: operator === '&&' ? allOf(conditions) : anyOf(conditions), isExact: both.every(({ isExact }) => isExact) };
      }
      return ofComparison(operator, left, right);
    }
    default:
      return NOTHING;
  }
}

function ofComparison(operator: string, left: Expression, right: Expression): PushDown {
  if (left.kind !== 'variable' || left.transformations.length > 0 || left.index !== null || left.argument !== null) return NOTHING;
  const constant = constantOf(right);
  if (constant === null) return NOTHING;
  const { name } = left;
  if (name === 'rs') return ofStatus(operator, Number(constant));
  if (operator !== '==') return NOTHING;
  if (name === 'rm' && typeof constant === 'string') {
    if (!/^[A-Za-z]+$/.test(constant)) return NOTHING;
    return exactly(
      anyOf([
        { kind: 'is', field: 'method', values: [constant], caseless: true },
        { kind: 'like', field: 'cseq', pattern: `%${constant}`, caseless: true },
      ]),
    );
  }
  if (name in PORT_FIELDS && Number.isSafeInteger(Number(constant)))
    return exactly({ kind: 'is', field: PORT_FIELDS[name], values: [Number(constant)] });
  if (typeof constant !== 'string' || constant === '') return NOTHING;
  if (name in ADDRESS_FIELDS) {
    const values = spellingsOf(constant);
    return values === null ? NOTHING : exactly({ kind: 'is', field: ADDRESS_FIELDS[name], values });
  }
  if (name in TEXT_FIELDS) return exactly({ kind: 'is', field: TEXT_FIELDS[name], values: [constant], caseless: true });
  return NOTHING;
}

/** Only replies have a status, three digits in the column of the method. */
function ofStatus(operator: string, status: number): PushDown {
  if (!Number.isSafeInteger(status)) return NOTHING;
  const between = (from: number, to: number) =>
    exactly({ kind: 'between', field: 'method', from: String(Math.max(from, 100)), to: String(Math.min(to, 999)) });
  switch (operator) {
    case '==':
      return exactly({ kind: 'is', field: 'method', values: [String(status)] });
    case '>':
      return between(status + 1, 999);
    case '>=':
      return between(status, 999);
    case '<':
      return between(100, status - 1);
    case '<=':
      return between(100, status);
    default:
      return NOTHING;
  }
}

function exactly(condition: Condition | null): PushDown {
  return { condition, isExact: condition !== null };
}

/** A constant without variables in it; null for anything else. */
function constantOf(expression: Expression): string | number | null {
  switch (expression.kind) {
    case 'group':
      return constantOf(expression.inner);
    case 'number':
      return expression.value;
    case 'address':
      return expression.text;
    case 'text':
      return expression.parts.length === 0
        ? ''
        : expression.parts.length === 1 && typeof expression.parts[0] === 'string'
          ? expression.parts[0]
          : null;
    default:
      return null;
  }
}
