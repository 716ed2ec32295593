/** The pseudo-variables that scripts may read and set: one row each, OpenSIPS' names. */

/** What is in the parentheses after the name. */
export type VariableArgument = 'none' | 'name' | 'header' | 'format' | 'hep' | 'number' | 'word' | 'perhaps';

export interface VariableRow {
  name: string;
  argument: VariableArgument;
  isWritable: boolean;
  /** Has no value here, and assignments have no effect: it exists only when messages are sent. */
  isAbsent: boolean;
  /** May have an index. */
  isList: boolean;
  meaning: string;
}

const READ = { isWritable: false, isAbsent: false, isList: false };

export const VARIABLES: readonly VariableRow[] = [
  { ...settable('var', 'name', 'variable of the script; keeps its value from message to message') },
  { ...settable('shv', 'name', 'as $var: scripts have one process here') },
  {
    ...settable(
      'avp',
      'name',
      'variable of the message with one value or several, gone with it; $(avp(name)[*]) is all of them, and the name may be a variable: $avp($var(x))',
    ),
    isList: true,
  },
  { ...settable('json', 'name', 'a JSON document and what is in it: $json(name/member[0])') },
  settable('du', 'none', 'where hep_relay() sends, a URI'),
  settable('ru', 'none', 'request URI'),
  settable('rU', 'none', 'user of the request URI'),
  settable('rd', 'none', 'host of the request URI'),
  settable('rp', 'none', 'port of the request URI, else that of its transport'),
  settable('dd', 'none', 'host of $du'),
  settable('dp', 'none', 'port of $du'),
  ...readable('none', {
    rP: 'transport of the request URI, else udp, or tls of sips:',
    ou: 'request URI as it came',
    oU: 'user of $ou',
    od: 'host of $ou',
    op: 'port of $ou, as $rp',
    oP: 'transport of $ou, as $rP',
    rm: 'method; of a reply the one its CSeq names',
    rs: 'status of a reply',
    rr: 'reason of a reply',
    fu: 'URI of From',
    fU: 'user of From',
    fd: 'host of From',
    fn: 'display name of From',
    ft: 'tag of From',
    tu: 'URI of To',
    tU: 'user of To',
    td: 'host of To',
    tn: 'display name of To',
    tt: 'tag of To',
    ci: 'Call-ID',
    cs: 'number of CSeq',
    cl: 'Content-Length',
    ua: 'User-Agent',
    di: 'URI of Diversion',
    dip: 'parameter privacy of Diversion',
    dir: 'parameter reason of Diversion',
    re: 'URI of Remote-Party-ID',
    rt: 'URI of Refer-To',
    ai: 'URI of P-Asserted-Identity',
    pu: 'URI of P-Preferred-Identity',
    pU: 'user of P-Preferred-Identity',
    pd: 'host of P-Preferred-Identity',
    pn: 'display name of P-Preferred-Identity',
    aU: 'user name of the credentials, whole',
    au: 'user name of the credentials up to the @',
    ad: 'host in the user name of the credentials, else their realm',
    ar: 'realm of the credentials',
    adu: 'URI of the credentials',
    an: 'nonce of the credentials',
    'auth.resp': 'response of the credentials',
    'auth.nonce': 'as $an',
    'auth.opaque': 'opaque of the credentials',
    'auth.alg': 'algorithm of the credentials',
    'auth.qop': 'qop of the credentials',
    'auth.nc': 'nonce count of the credentials',
    Au: '$au if there are credentials, else $fU',
    si: 'source address of the message',
    sp: 'source port of the message',
    Ri: 'destination address of the message',
    Rp: 'destination port of the message',
    pr: 'transport of the message: udp, tcp, tls, sctp, ws',
    proto: 'as $pr',
    af: 'address family of the message: INET or INET6',
    mb: 'the message',
    ml: 'length of the message in bytes',
    mi: 'number of the message',
    'msg.id': 'as $mi',
    'msg.is_request': '1 for a request, 0 for a reply',
    'msg.type': 'request or reply',
    sdp: 'the body, if it is a session description',
    'sdp.session': 'session part of $sdp',
    Ts: 'now, seconds since 1970',
    Tsm: 'now, microseconds of the second',
    Tf: 'now as text, UTC',
    TS: 'when the program began, seconds since 1970',
    pp: 'process id',
    null: 'no value',
    rc: 'what the last function or route returned',
    retcode: 'as $rc',
    cfg_line: 'line of the script',
    cfg_file: 'file of the script',
    HEPVERSION: 'version of the HEP packet: 1, 2 or 3',
    proto_type: 'payload type of the message: 1 is SIP, 5 RTCP, 100 a log line',
  }),
  {
    name: 'hdr',
    argument: 'header',
    ...READ,
    isList: true,
    meaning: 'a header by its name; $(hdr(name)[1]) is the second of that name, [*] all',
  },
  {
    name: 'hdr_name',
    argument: 'none',
    ...READ,
    isList: true,
    meaning: 'name of the first header; $(hdr_name[1]) is that of the second, [*] all',
  },
  {
    name: 'rb',
    argument: 'perhaps',
    ...READ,
    isList: true,
    meaning: 'body of the message; $(rb[0]) is its first part, $rb(application/sdp) the first of that type, $(rb(text/plain)[-1]) the last',
  },
  {
    name: 'cT',
    argument: 'none',
    ...READ,
    isList: true,
    meaning: 'Content-Type; $(cT[0]) is that of the first part of a multipart body, [*] all with that of the message',
  },
  { ...settable('msg.flag', 'name', 'a flag of the message: true or false, as setflag() and isflagset()') },
  { ...settable('branch.flag', 'name', 'as $msg.flag, of a branch: $(branch.flag(name)[1])'), isList: true },
  ...(
    [
      ['route', 'the route, with its type: route[name]'],
      ['route.name', 'name of the route'],
      ['route.type', 'type of the route: route, onreply_route'],
    ] as const
  ).map(([name, meaning]): VariableRow => ({
    name,
    argument: 'none',
    ...READ,
    isList: true,
    meaning: `${meaning}; $(${name}[1]) of the one that called it, [-1] of the outermost`,
  })),
  { name: 'hdrcnt', argument: 'header', ...READ, meaning: 'how many headers of that name' },
  { name: 'ct', argument: 'none', ...READ, isList: true, meaning: 'the first contact of Contact; $(ct[1]) is the second, [*] all' },
  {
    name: 'ct.fields',
    argument: 'word',
    ...READ,
    isList: true,
    meaning: 'part of a contact: name, uri, q, expires, methods, received, params',
  },
  {
    name: 'socket_in',
    argument: 'perhaps',
    ...READ,
    meaning: 'where the message was received: ip, port, proto, af; advertised_ip, advertised_port and tag have no value',
  },
  { name: 'ctime', argument: 'word', ...READ, meaning: 'now, UTC: sec, min, hour, mday, mon, year, wday, yday' },
  { name: 'time', argument: 'format', ...READ, meaning: 'now, by a strftime format, UTC' },
  { name: 'param', argument: 'number', ...READ, meaning: 'what the route was called with, from 1' },
  { name: 'return', argument: 'number', ...READ, meaning: 'what the last route returned after its code, from 0: return(1, $var(id))' },
  settable('stat', 'header', 'a statistic that update_stat() counts; the name may hold variables'),
  { name: 'env', argument: 'name', ...READ, meaning: 'a variable of the environment' },
  { name: 'hep_net', argument: 'hep', ...READ, meaning: 'addresses of the HEP packet itself' },
  { name: 'C', argument: 'name', ...READ, meaning: 'a colour for terminals; nothing here, as logs have none' },
  ...absent('none', [
    'fs',
    'bR',
    'bu',
    'br',
    'bf',
    'mf',
    'sf',
    'ru_q',
    'rT',
    'dP',
    'ds',
    'T_branch_idx',
    'T_reply_code',
    'T_ruri',
    'err.class',
    'err.level',
    'err.info',
    'err.rcode',
    'err.rreason',
    'log_level',
    'xlog_level',
  ]),
  ...absent('none', ['T_fr_timeout', 'T_fr_inv_timeout', 'DLG_count', 'DLG_dir', 'DLG_status', 'DLG_lifetime', 'DLG_timeout', 'DLG_flags']),
  ...absent('name', ['dlg_val', 'argv']),
  ...absent('perhaps', ['branch', 'socket_out']),
];

/** Words of the old conditions (`method == "INVITE"`) and the variables they mean. */
export const OLD_WORDS: ReadonlyMap<string, string> = new Map([
  ['method', 'rm'],
  ['status', 'rs'],
  ['uri', 'ru'],
  ['from_uri', 'fu'],
  ['to_uri', 'tu'],
  ['src_ip', 'si'],
  ['src_port', 'sp'],
  ['dst_ip', 'Ri'],
  ['dst_port', 'Rp'],
  ['proto', 'pr'],
  ['msg:len', 'ml'],
  ['af', 'af'],
  ['dst_uri', 'du'],
  ['retcode', 'rc'],
]);

/** The names for `$hep_net(...)`; the numbers are those of the chunks of the same name. */
export const HEP_NET_NAMES: readonly string[] = ['proto_family', 'proto_id', 'src_ip', 'dst_ip', 'src_port', 'dst_port'];
const HEP_NET_NUMBERS: readonly string[] = ['', 'proto_family', 'proto_id', 'src_ip', 'dst_ip', 'src_ip', 'dst_ip', 'src_port', 'dst_port'];

const ROWS: ReadonlyMap<string, VariableRow> = new Map(VARIABLES.map((one) => [one.name, one]));

export function variableRow(name: string): VariableRow | undefined {
  return ROWS.get(name);
}

/** The name for `$hep_net`, by name or number; '' if unknown. */
export function hepNetName(word: string): string {
  const trimmed = word.trim().toLowerCase();
  if (/^(?:0x[0-9a-f]{1,4}|\d{1,5})$/.test(trimmed)) return HEP_NET_NUMBERS[Number(trimmed)] ?? '';
  return HEP_NET_NAMES.includes(trimmed) ? trimmed : '';
}

function settable(name: string, argument: VariableArgument, meaning: string): VariableRow {
  return { name, argument, isWritable: true, isAbsent: false, isList: false, meaning };
}

function readable(argument: VariableArgument, meanings: Readonly<Record<string, string>>): VariableRow[] {
  return Object.entries(meanings).map(([name, meaning]) => ({ name, argument, ...READ, meaning }));
}

function absent(argument: VariableArgument, names: readonly string[]): VariableRow[] {
  return names.map((name) => ({
    name,
    argument,
    isWritable: true,
    isAbsent: true,
    isList: true,
    meaning: 'no value: messages are captured, not sent',
  }));
}
