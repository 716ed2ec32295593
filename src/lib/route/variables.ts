/** The pseudo-variables that scripts may read and set: one row each, OpenSIPS' names. */

/** What stands in the parentheses behind the name. */
export type VariableArgument = 'none' | 'name' | 'header' | 'format' | 'hep';

export interface VariableRow {
  name: string;
  argument: VariableArgument;
  isWritable: boolean;
  meaning: string;
}

export const VARIABLES: readonly VariableRow[] = [
  row('var', 'name', true, 'variable of the script; keeps its value from message to message'),
  row('avp', 'name', true, 'variable of the message; gone with it'),
  row('du', 'none', true, 'where hep_relay() sends, a URI'),
  row('ru', 'none', true, 'request URI'),
  row('rU', 'none', false, 'user of the request URI'),
  row('rd', 'none', false, 'host of the request URI'),
  row('rm', 'none', false, 'method; of a reply the one its CSeq names'),
  row('rs', 'none', false, 'status of a reply'),
  row('rr', 'none', false, 'reason of a reply'),
  row('fu', 'none', false, 'URI of From'),
  row('fU', 'none', false, 'user of From'),
  row('fd', 'none', false, 'host of From'),
  row('ft', 'none', false, 'tag of From'),
  row('tu', 'none', false, 'URI of To'),
  row('tU', 'none', false, 'user of To'),
  row('td', 'none', false, 'host of To'),
  row('tt', 'none', false, 'tag of To'),
  row('ci', 'none', false, 'Call-ID'),
  row('cs', 'none', false, 'number of CSeq'),
  row('ct', 'none', false, 'Contact'),
  row('ua', 'none', false, 'User-Agent'),
  row('hdr', 'header', false, 'a header by its name; $(hdr(name)[1]) is the second of that name'),
  row('si', 'none', false, 'source address of the message'),
  row('sp', 'none', false, 'source port of the message'),
  row('Ri', 'none', false, 'destination address of the message'),
  row('Rp', 'none', false, 'destination port of the message'),
  row('pr', 'none', false, 'transport of the message: udp, tcp, tls, sctp, ws'),
  row('proto', 'none', false, 'as $pr'),
  row('mb', 'none', false, 'the message'),
  row('ml', 'none', false, 'length of the message in bytes'),
  row('rb', 'none', false, 'body of the message'),
  row('Ts', 'none', false, 'now, seconds since 1970'),
  row('time', 'format', false, 'now, by a strftime format, UTC'),
  row('null', 'none', false, 'no value'),
  row('rc', 'none', false, 'what the last function or route returned'),
  row('retcode', 'none', false, 'as $rc'),
  row('hep_net', 'hep', false, 'addresses of the HEP packet itself'),
  row('HEPVERSION', 'none', false, 'version of the HEP packet: 1, 2 or 3'),
];

/** Words of the old conditions (`method == "INVITE"`) and the variables they stand for. */
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
  ['retcode', 'rc'],
]);

/** What `$hep_net(...)` knows; the numbers are those of the chunks of the same name. */
export const HEP_NET_NAMES: readonly string[] = ['proto_family', 'proto_id', 'src_ip', 'dst_ip', 'src_port', 'dst_port'];
const HEP_NET_NUMBERS: readonly string[] = ['', 'proto_family', 'proto_id', 'src_ip', 'dst_ip', 'src_ip', 'dst_ip', 'src_port', 'dst_port'];

export function variableRow(name: string): VariableRow | undefined {
  return VARIABLES.find((one) => one.name === name);
}

/** The name that `$hep_net` knows, by name or number; '' where it knows none. */
export function hepNetName(word: string): string {
  const trimmed = word.trim().toLowerCase();
  if (/^(?:0x[0-9a-f]{1,4}|\d{1,5})$/.test(trimmed)) return HEP_NET_NUMBERS[Number(trimmed)] ?? '';
  return HEP_NET_NAMES.includes(trimmed) ? trimmed : '';
}

function row(name: string, argument: VariableArgument, isWritable: boolean, meaning: string): VariableRow {
  return { name, argument, isWritable, meaning };
}
