/** Transformations of lists, bodies, addresses and by patterns: `{csv...}`, `{sdp...}`, `{ip...}`, `{re.subst}`. */
import { ipv4Text, ipv6Text, parseAddress } from '../base/index.js';
import { isPrivate, isWithin, parseAnyNetwork } from './network.js';
import { integerOf, nameOf, row, type TransformationRow } from './transform-row.js';
import { textOf, type Value } from './value.js';

export const DATA_TRANSFORMATIONS: readonly TransformationRow[] = [
  row('csv.count', '', 'how many values', (text) => csvValues(text).length),
  row('csv.value', 'index', 'a value by its place, from 0; a negative index counts from the end', (text, [index]) => {
    const wanted = integerOf(index);
    return Number.isNaN(wanted) ? null : (csvValues(text).at(wanted) ?? null);
  }),
  row('sdp.line', 'type,[index]', 'a line of a type, from 0', (text, [type, index]) => {
    const kind = nameOf(type).charAt(0);
    const lines = text.split(/\r?\n/).filter((line) => line.charAt(0) === kind && line.charAt(1) === '=');
    return lines[index === undefined ? 0 : integerOf(index)] ?? null;
  }),
  row('sdp.stream', 'index', 'a media description by its place, from 0, or by its kind', (text, [index]) => stream(text, index)),
  row('ip.pton', '', 'the bytes of an address, one character each', (text) => parseAddress(plain(text))?.toString('latin1') ?? null),
  row('ip.ntop', '', 'an address of its bytes', (text) => {
    const bytes = Buffer.from(text, 'latin1');
    return bytes.length === 4 ? ipv4Text(bytes, 0) : bytes.length === 16 ? ipv6Text(bytes, 0) : null;
  }),
  row('ip.isip', '', '1 for an address, else 0', (text) => Number(sizeOf(text) > 0)),
  row('ip.isip4', '', '1 for an IPv4 address, else 0', (text) => Number(sizeOf(text) === 4)),
  row('ip.isip6', '', '1 for an IPv6 address, else 0', (text) => Number(sizeOf(text) === 16)),
  row('ip.family', '', 'INET or INET6', (text) => ({ 4: 'INET', 16: 'INET6' })[sizeOf(text) || text.length] ?? null),
  row('ip.matches', 'network', '1 for an address within a network, else 0', (text, [network]) => {
    const found = parseAnyNetwork(textOf(network).trim());
    return typeof found === 'string' ? null : Number(isWithin(found, plain(text)));
  }),
  row('ip.isprivate', '', '1 for an address of a private network, else 0', (text) => Number(isPrivate(plain(text)))),
  row('re.subst', '/pattern/replacement/[flags]', 'what the pattern finds replaced; flags g, i, s', null),
];

/** RFC 4180: quotes around a value may hold commas, and two quotes are one. Blanks around values do not count. */
function csvValues(text: string): string[] {
  const values: string[] = [];
  for (let at = 0; at <= text.length;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    let value = '';
    if (text[at] === '"') {
      for (at++; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at++) {
        if (text[at] === '"') at++;
        value += text[at];
      }
      const comma = text.indexOf(',', at);
      at = comma < 0 ? text.length + 1 : comma + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      value = text.slice(at, end).trim();
      at = end + 1;
    }
    values.push(value);
  }
  return values;
}

function stream(text: string, index: Value): Value {
  const streams = text.split(/^(?=m=)/m).filter((part) => part.startsWith('m='));
  const wanted = integerOf(index);
  const found = Number.isNaN(wanted) ? streams.find((part) => part.startsWith(`m=${nameOf(index)} `)) : streams.at(wanted);
  return found ?? null;
}

/** Without the brackets of a URI's host. */
function plain(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

/** Bytes of the address, 0 where the text is none. */
function sizeOf(text: string): number {
  return parseAddress(plain(text))?.length ?? 0;
}
