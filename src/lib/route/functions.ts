/** The functions that scripts may call: one row each, OpenSIPS' names. The better known unavailable ones are in `foreign-functions.ts`. */
import { PLAIN_ROLES, both, plain, v2, v3, type Form, type FunctionRow } from './function-row.js';
import { numberOf } from './value.js';

export const FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'sip_capture',
    usage: 'sip_capture([table], [custom field 1], [custom field 2], [custom field 3])',
    meaning: 'stores the message as SIP',
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
    meaning: 'stores the payload of a HEP packet as a report',
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
    meaning: 'sets a chunk of the HEP packet',
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
    meaning: 'reads a chunk of the HEP packet into variables',
    isAsync: false,
    forms: [
      v2('chunk', 'vendorOut', 'dataOut'),
      v2('type', 'chunk', 'vendorOut', 'dataOut'),
      v3('chunk', 'type', 'dataOut'),
      v3('chunk', 'type', 'dataOut', 'vendorOut'),
      { order: '2.x', roles: ['type', 'chunk', 'dataOut'], isMisprint: true },
    ],
  },
  one('hep_del', 'hep_del(chunk)', 'removes a chunk of the HEP packet', [both('chunk')]),
  one('hep_relay', 'hep_relay()', 'sends the packet to $du', [both()]),
  one('hep_resume_sip', 'hep_resume_sip()', 'reads the payload as SIP and runs the routes for it', [both()]),
  one('is_method', 'is_method("INVITE|BYE")', 'true for these methods; of a reply the one its CSeq names', [both('methods')]),
  one('xlog', 'xlog([level], text)', 'writes a line to the log, at level error if none is given', [both('text'), both('level', 'text')]),
  one('log', 'log([level], text)', 'as xlog()', [both('text'), both('level', 'text')]),
  one('xdbg', 'xdbg(text)', 'writes a line to the log at level debug', [both('text')]),
  one('async', 'async(function(), route)', 'runs the function, then the route, and ends', [both('call', 'route')]),
  one('launch', 'launch(function(), [route])', 'runs the function, then the route, and continues', [both('call'), both('call', 'route')]),
  one(
    'route',
    'route(name, [argument, ...])',
    'runs another route, which reads its arguments as $param(1), $param(2), ...',
    [0, 1, 2, 3, 4, 5, 6, 7].map((count) => both('route', ...PLAIN_ROLES.slice(0, count))),
  ),
  plain('has_totag', '', 'true if To has a tag'),
  plain('is_present_hf', 'name', 'true if there is such a header'),
  plain('has_body', '[content type]', 'true if there is a body, of that type'),
  plain('has_body_part', '[content type]', 'as has_body()'),
  plain('search', 'pattern', 'true if the pattern is found in the message; ^ and $ are the ends of a line'),
  plain('search_body', 'pattern', 'true if the pattern is found in the body'),
  plain('search_hf', 'name, pattern, [which]', 'true if the pattern is found in the header: a in any, f in the first, l in the last'),
  plain('is_audio_on_hold', '', 'true if the session description puts audio on hold'),
  plain('is_myself', 'host, [port]', 'true for an address of a socket or alias that the script declares'),
  plain('is_ip_rfc1918', 'address', 'true for an address of a private network'),
  plain('sip_validate', '[flags], [variable]', 'true if no header that columns are made of is broken'),
  plain('pv_printf', 'variable, text', 'sets a variable to a text'),
  plain('get_timestamp', 'variable for seconds, variable for microseconds', 'now'),
  plain('setflag', 'flag', 'sets a flag of the message'),
  plain('resetflag', 'flag', 'clears a flag of the message'),
  plain('isflagset', 'flag', 'true if the flag is set'),
  plain('setbflag', 'flag, [branch]', 'as setflag(), of a branch; the order of OpenSIPS 2.x is understood, too'),
  plain('resetbflag', 'flag, [branch]', 'as resetflag(), of a branch'),
  plain('isbflagset', 'flag, [branch]', 'as isflagset(), of a branch'),
  plain('is_avp_set', 'variable', 'true if the $avp has a value; "$avp(x)/s" a text, /n a number, /e an empty text'),
  plain('avp_delete', 'variable', 'removes the newest value of the $avp; "$avp(x)/g" all values'),
  plain('update_stat', 'name, number', 'adds to a statistic'),
  plain('reset_stat', 'name', 'sets a statistic to 0'),
  plain('cache_store', '"local", key, value, [seconds]', 'keeps a value'),
  plain('cache_fetch', '"local", key, variable', 'reads a value that was kept'),
  plain('cache_remove', '"local", key', 'removes a value; true also where there was none'),
  plain('cache_add', '"local", key, number, seconds, [variable]', 'adds to a number that is kept'),
  plain('cache_sub', '"local", key, number, seconds, [variable]', 'subtracts from a number that is kept'),
  plain('cache_counter_fetch', '"local", key, variable', 'as cache_fetch()'),
  {
    ...one('construct_uri', 'construct_uri(scheme, [user], host, [port], [parameters], variable)', 'puts a URI together', [
      both(...PLAIN_ROLES.slice(0, 6)),
    ]),
    mayBeEmpty: ['second', 'fourth', 'fifth'],
  },
  plain('setdsturi', 'uri', 'sets $du'),
  plain('resetdsturi', '', 'clears $du'),
  plain('isdsturiset', '', 'true if $du is set'),
  plain('seturi', 'uri', 'sets $ru'),
  plain('rewriteuri', 'uri', 'sets $ru'),
  plain('sethost', 'host', 'sets $rd'),
  plain('rewritehost', 'host', 'sets $rd'),
  plain('sethostport', 'host:port', 'sets $rd and $rp'),
  plain('rewritehostport', 'host:port', 'sets $rd and $rp'),
  plain('setport', 'port', 'sets $rp'),
  plain('rewriteport', 'port', 'sets $rp'),
  plain('setuser', 'user', 'sets $rU'),
  plain('rewriteuser', 'user', 'sets $rU'),
  plain('setuserpass', 'user:password', 'sets $rU, with a password'),
  plain('rewriteuserpass', 'user:password', 'as setuserpass()'),
  plain('revert_uri', '', 'sets $ru back to the request URI as it came'),
  plain('strip', 'number', 'takes characters from the front of $rU'),
  plain('strip_tail', 'number', 'takes characters from the end of $rU'),
  plain('prefix', 'text', 'puts text before $rU'),
];

/** Levels of xlog(), OpenSIPS' numbers, by the letter that distinguishes them: L_WARN and L_WARNING are one. */
const LOG_LEVELS: Readonly<Record<string, number>> = { A: -3, C: -2, E: -1, W: 1, N: 2, I: 3, D: 4 };
export const LOG_LEVEL_NAMES = 'L_ALERT, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or -3 to 4';
export const DEFAULT_LOG_LEVEL = -1;
export const DEBUG_LOG_LEVEL = 4;

/** NaN for an unknown level. */
export function logLevelOf(word: string): number {
  const name = /^L_([ACEWNID])[A-Z]*$/i.exec(word);
  const level = name === null ? numberOf(word) : LOG_LEVELS[name[1].toUpperCase()];
  return level >= -3 && level <= 4 ? level : NaN;
}

const ROWS: ReadonlyMap<string, FunctionRow> = new Map(FUNCTIONS.map((row) => [row.name, row]));

export function functionRow(name: string): FunctionRow | undefined {
  return ROWS.get(name);
}

function one(name: string, usage: string, meaning: string, forms: readonly Form[]): FunctionRow {
  return { name, usage, meaning, forms, isAsync: false };
}
