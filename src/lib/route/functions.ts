/** The functions that scripts may call, and the orders in which OpenSIPS 2.x and 3.x take their arguments. */

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
  | 'route';

export interface Form {
  order: '2.x' | '3.x' | 'both';
  roles: readonly Role[];
  /** The documentation's own misprint: taken as meant, with a note. */
  isMisprint: boolean;
}

export interface FunctionRow {
  name: string;
  /** As messages show it. */
  usage: string;
  /** Longest first within an order; trailing arguments may be left out where the roles allow it. */
  forms: readonly Form[];
  /** May stand in async(). */
  isAsync: boolean;
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

/** How messages name a role. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  table: 'table',
  custom1: 'first custom field',
  custom2: 'second custom field',
  custom3: 'third custom field',
  correlation: 'correlation id',
  payloadType: 'payload type',
  chunk: 'chunk',
  data: 'data',
  type: 'data type',
  vendor: 'vendor id',
  dataOut: 'variable for the data',
  vendorOut: 'variable for the vendor id',
  methods: 'method',
  level: 'level',
  text: 'text',
  call: 'function',
  route: 'route',
};

export const FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'sip_capture',
    usage: 'sip_capture([table], [custom field 1], [custom field 2], [custom field 3])',
    isAsync: true,
    forms: [
      both(),
      both('table'),
      both('table', 'custom1'),
      both('table', 'custom1', 'custom2'),
      both('table', 'custom1', 'custom2', 'custom3'),
    ],
  },
  {
    name: 'report_capture',
    usage: 'report_capture([table], correlation id, [payload type])',
    isAsync: true,
    forms: [
      both('correlation'),
      v2('table', 'correlation'),
      v2('table', 'correlation', 'payloadType'),
      v3('correlation', 'table'),
      v3('correlation', 'table', 'payloadType'),
    ],
  },
  {
    name: 'hep_set',
    usage: 'hep_set(chunk, data) or hep_set(data type, chunk, [vendor id], data)',
    isAsync: false,
    forms: [
      both('chunk', 'data'),
      v2('type', 'chunk', 'vendor', 'data'),
      v3('chunk', 'data', 'type'),
      v3('chunk', 'data', 'type', 'vendor'),
    ],
  },
  {
    name: 'hep_get',
    usage: 'hep_get([data type], chunk, variable for the vendor id, variable for the data)',
    isAsync: false,
    forms: [
      v2('chunk', 'vendorOut', 'dataOut'),
      v2('type', 'chunk', 'vendorOut', 'dataOut'),
      v3('chunk', 'type', 'dataOut'),
      v3('chunk', 'type', 'dataOut', 'vendorOut'),
      { order: '2.x', roles: ['type', 'chunk', 'dataOut'], isMisprint: true },
    ],
  },
  { name: 'hep_del', usage: 'hep_del(chunk)', forms: [both('chunk')], isAsync: false },
  { name: 'hep_relay', usage: 'hep_relay()', forms: [both()], isAsync: false },
  { name: 'hep_resume_sip', usage: 'hep_resume_sip()', forms: [both()], isAsync: false },
  { name: 'is_method', usage: 'is_method("INVITE|BYE")', forms: [both('methods')], isAsync: false },
  { name: 'xlog', usage: 'xlog([level], text)', forms: [both('text'), both('level', 'text')], isAsync: false },
  { name: 'log', usage: 'log([level], text)', forms: [both('text'), both('level', 'text')], isAsync: false },
  { name: 'async', usage: 'async(function(), route)', forms: [both('call', 'route')], isAsync: false },
  { name: 'route', usage: 'route(name)', forms: [both('route')], isAsync: false },
];

/** Levels of xlog(), OpenSIPS' numbers. */
export const LOG_LEVELS: Readonly<Record<string, number>> = {
  L_ALERT: -3,
  L_CRIT: -2,
  L_ERR: -1,
  L_WARN: 1,
  L_NOTICE: 2,
  L_INFO: 3,
  L_DBG: 4,
};
export const DEFAULT_LOG_LEVEL = 3;

export function functionRow(name: string): FunctionRow | undefined {
  return FUNCTIONS.find((row) => row.name === name);
}

function both(...roles: Role[]): Form {
  return { order: 'both', roles, isMisprint: false };
}

function v2(...roles: Role[]): Form {
  return { order: '2.x', roles, isMisprint: false };
}

function v3(...roles: Role[]): Form {
  return { order: '3.x', roles, isMisprint: false };
}
