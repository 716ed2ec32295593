/**
 * Which argument is which. OpenSIPS 2.x and 3.x take them in different orders, and scripts do not declare which
 * one they use; usually the arguments show it. If both orders match, the script must declare its version.
 */
import type { CallExpression, Expression, VariableReference } from './ast.js';
import { OPTIONAL_ROLES, type Form, type FunctionRow, type Role } from './function-row.js';
import { constantText } from './template.js';
import { numberOf } from './value.js';

export type ScriptVersion = 2 | 3;

/** The arguments by role; empty ones are missing. */
export type ArgumentsByRole = Partial<Record<Role, Expression>>;

export interface ResolvedCall {
  form: Form;
  arguments: ArgumentsByRole;
}

export type Resolution = ResolvedCall | { unresolved: 'count' } | { unresolved: 'order'; forms: readonly Form[] };

const MISFIT = 0;
/** Possible, but unusual. */
const WEAK = 1;
const FITS = 2;

export function resolveCall(call: CallExpression, row: FunctionRow, types: readonly string[], version: ScriptVersion | null): Resolution {
  const forms = row.forms.filter((form) => form.roles.length === call.arguments.length);
  if (forms.length === 0) return { unresolved: 'count' };
  if (forms.length === 1) return resolved(call, forms[0]);
  const fits = forms.map((form) => fitOf(call, form, types));
  const best = Math.max(...fits);
  const ofVersion = (form: Form) => version === null || form.order === 'both' || form.order === `${version}.x`;
  // Nothing matches: the usual order gives the best error.
  if (best === MISFIT) return resolved(call, forms.find(ofVersion) ?? forms[0]);
  const possible = forms.filter((_, i) => fits[i] > MISFIT && ofVersion(forms[i]));
  if (version !== null && possible.length > 0) return resolved(call, possible.find((form) => !form.isMisprint) ?? possible[0]);
  const candidates = forms.filter((_, i) => fits[i] === best);
  const first = candidates.find((form) => !form.isMisprint) ?? candidates[0];
  if (candidates.some((form) => !form.isMisprint && !sameRoles(call, form, first))) return { unresolved: 'order', forms: candidates };
  return resolved(call, first);
}

function resolved(call: CallExpression, form: Form): ResolvedCall {
  const byRole: ArgumentsByRole = {};
  form.roles.forEach((role, i) => {
    const argument = call.arguments[i];
    if (argument !== null && !isEmptyText(argument, role)) byRole[role] = argument;
  });
  return { form, arguments: byRole };
}

/** `""` for an optional argument counts as missing, except for custom fields. */
function isEmptyText(argument: Expression, role: Role): boolean {
  return OPTIONAL_ROLES.has(role) && argument.kind === 'text' && argument.parts.length === 0 && !role.startsWith('custom');
}

function fitOf(call: CallExpression, form: Form, types: readonly string[]): number {
  let worst = form.isMisprint ? WEAK : FITS;
  for (let i = 0; i < form.roles.length; i++) worst = Math.min(worst, fitOfRole(call.arguments[i], form.roles[i], types));
  return worst;
}

function fitOfRole(argument: Expression | null, role: Role, types: readonly string[]): number {
  if (argument === null) return OPTIONAL_ROLES.has(role) ? FITS : MISFIT;
  const constant = constantOf(argument);
  switch (role) {
    case 'type':
      return constant === null ? WEAK : isType(constant, types) ? FITS : MISFIT;
    case 'chunk':
      return constant !== null && isType(constant, types) ? MISFIT : FITS;
    case 'vendor':
    case 'payloadType':
      return constant === null || !Number.isNaN(Number(constant)) ? FITS : MISFIT;
    case 'dataOut':
    case 'vendorOut':
      return variableOf(argument) === null ? MISFIT : FITS;
    case 'table':
      return argument.kind === 'number' ? MISFIT : constant === null ? WEAK : FITS;
    case 'correlation':
      return argument.kind === 'number' ? MISFIT : FITS;
    default:
      return FITS;
  }
}

/** Whether two forms give every argument the same role. */
function sameRoles(call: CallExpression, a: Form, b: Form): boolean {
  return call.arguments.every((argument, i) => argument === null || a.roles[i] === b.roles[i]);
}

export function isType(word: string, types: readonly string[]): boolean {
  return types.includes(word.trim().toLowerCase());
}

/** The text of a constant argument; null if it is not constant. */
export function constantOf(argument: Expression): string | null {
  if (argument.kind === 'text') return constantText(argument);
  if (argument.kind === 'number') return String(argument.value);
  return argument.kind === 'group' ? constantOf(argument.inner) : null;
}

/** The variable that an argument consists of, bare or alone in quotes; null if it is something else. */
export function variableOf(argument: Expression): VariableReference | null {
  if (argument.kind === 'variable') return argument;
  if (argument.kind !== 'text' || argument.parts.length !== 1) return null;
  const part = argument.parts[0];
  return typeof part === 'string' ? null : part;
}

/** `script_version = 2.4`: 2 or 3; null if neither. */
export function scriptVersionOf(text: string): ScriptVersion | null {
  const major = numberOf(text.trim().split('.')[0]);
  return major === 2 || major === 3 ? major : major === 1 ? 2 : major === 4 ? 3 : null;
}
