/** The rows of the table of functions: their names, and the orders in which OpenSIPS 2.x and 3.x take their arguments. */

/** What an argument is for. */
export type Role =
  | 'table'
  | 'custom1'
  | 'custom2'
  | 'custom3'
  | 'correlation'
  | 'payloadType'
  | 'chunk'
  | 'data'
  | 'type'
  | 'vendor'
  | 'dataOut'
  | 'vendorOut'
  | 'methods'
  | 'level'
  | 'text'
  | 'call'
  | 'route'
  | Plain;

/** Arguments whose order is always the same, by position. */
export const PLAIN_ROLES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'] as const;
type Plain = (typeof PLAIN_ROLES)[number];

export interface Form {
  order: '2.x' | '3.x' | 'both';
  roles: readonly Role[];
  /** A misprint in the documentation: accepted as intended, with a note. */
  isMisprint: boolean;
}

export interface FunctionRow {
  name: string;
  /** As messages show it. */
  usage: string;
  meaning: string;
  /** Longest first within an order; trailing arguments may be omitted if the roles allow it. */
  forms: readonly Form[];
  /** Allowed in async(). */
  isAsync: boolean;
  /** Roles that may be empty here, besides those that may be empty anywhere. */
  mayBeEmpty?: readonly Role[];
}

/** Roles that may be left empty. */
export const OPTIONAL_ROLES: ReadonlySet<Role> = new Set<Role>([
  'table',
  'custom1',
  'custom2',
  'custom3',
  'payloadType',
  'type',
  'vendor',
  'dataOut',
  'vendorOut',
  'level',
]);

export function both(...roles: Role[]): Form {
  return { order: 'both', roles, isMisprint: false };
}

export function v2(...roles: Role[]): Form {
  return { order: '2.x', roles, isMisprint: false };
}

export function v3(...roles: Role[]): Form {
  return { order: '3.x', roles, isMisprint: false };
}

/** `plain('is_present_hf', 'name', ...)`: arguments by their place, those in brackets may be left out. */
export function plain(name: string, usage: string, meaning: string): FunctionRow {
  const names = usage === '' ? [] : usage.split(', ');
  const min = names.filter((one) => !one.startsWith('[')).length;
  const forms: Form[] = [];
  for (let count = min; count <= names.length; count++) forms.push(both(...PLAIN_ROLES.slice(0, count)));
  return { name, usage: `${name}(${usage})`, meaning, forms, isAsync: false };
}
