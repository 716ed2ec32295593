/** Transformations of lists, bodies and addresses, and by patterns: `{csv...}`, `{sdp...}`, `{ip...}`, `{re.subst}`. */
import { ipv4Text, ipv6Text, parseAddress } from '../base/index.js';
import { isPrivateIpv4, isWithin, parseAnyNetwork } from './network.js';
import { integerOf, nameOf, row, type TransformationRow } from './transform-row.js';
import { textOf, type Value } from './value.js';

export const DATA_TRANSFORMATIONS: readonly TransformationRow[] = [
  row('csv.count', '', 'how many values', (text) => csvValues(text)?.length ?? null),
  row('csv.value', 'index', 'a value by its place, from 0; a negative index counts from the end', (text, [index]) => {
    const wanted = integerOf(index);
    return Number.isNaN(wanted) ? null : (csvValues(text)?.at(wanted) ?? null);
  }),
  row('sdp.line', 'type,[index]', 'a line of a type, from 0', (text, [type, index]) => {
    const kind = textOf(type).trim().charAt(0);
    const lines = text.split(/\r?\n/).filter((line) => line.charAt(0) === kind && line.charAt(1) === '=');
    return lines[index === undefined ? 0 : integerOf(index)] ?? null;
  }),
  row('sdp.stream', 'index', 'a media description by its place, from 0, or the first of a kind', (text, [index]) => {
    const { streams } = partsOf(text);
    return streams[chosen(streams, index)[0]] ?? null;
  }),
  row('sdp.stream-delete', 'index', 'the whole without a media description by its place, or without all of a kind', (text, [index]) => {
    const { session, streams } = partsOf(text);
    const without = chosen(streams, index);
    return without.length === 0 ? null : session + streams.filter((_, i) => !without.includes(i)).join('');
  }),
  row('ip.pton', '', 'the bytes of an address', (text) => parseAddress(plain(text))?.toString('latin1') ?? null, {
    takes: 'text',
    gives: 'bytes',
  }),
  row(
    'ip.ntop',
    '',
    'an address of its bytes',
    (text) => {
      const bytes = addressBytes(text);
      return bytes === null ? null : bytes.length === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
    },
    { takes: 'either', gives: 'text' },
  ),
  row('ip.isip', '', '1 for an address, else 0', (text) => Number(sizeOf(text) > 0)),
  row('ip.isip4', '', '1 for an IPv4 address, else 0', (text) => Number(sizeOf(text) === 4)),
  row('ip.isip6', '', '1 for an IPv6 address, else 0', (text) => Number(sizeOf(text) === 16)),
  row('ip.family', '', 'INET or INET6', (text) => ({ 4: 'INET', 16: 'INET6' })[sizeOf(text) || (addressBytes(text)?.length ?? 0)] ?? null, {
    takes: 'either',
    gives: 'text',
  }),
  row('ip.matches', 'network', '1 for an address within a network such as 10.0.0.0/8, else 0', (text, [network]) => {
    const written = textOf(network).trim();
    const found = written.includes('/') ? parseAnyNetwork(written) : '';
    return typeof found === 'string' || sizeOf(text) !== found.bytes.length ? null : Number(isWithin(found, plain(text)));
  }),
  row('ip.isprivate', '', '1 for a private IPv4 address (RFC 1918 and 6598), else 0', (text) => Number(isPrivateIpv4(plain(text)))),
  row('re.subst', '/pattern/replacement/[flags]', 'what the pattern finds replaced; flags g, i, s', null),
];

/** RFC 4180: quotes around a value may hold commas, and two quotes are one; blanks count. Null where a quote is not closed. */
function csvValues(text: string): string[] | null {
  const values: string[] = [];
  for (let at = 0; at <= text.length;) {
    let end = text.indexOf(',', at);
    if (end < 0) end = text.length;
    if (text[at] !== '"') {
      values.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let value = '';
    for (at++; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at++) {
      if (text[at] === '"') at++;
      value += text[at];
    }
    if (at >= text.length || (at + 1 < text.length && text[at + 1] !== ',')) return null;
    values.push(value);
    at += 2;
  }
  return values;
}

/** A session description: what stands before the first m= line, and each media description. */
function partsOf(text: string): { session: string; streams: string[] } {
  const parts = text.split(/^(?=m=)/m);
  const session = parts[0]?.startsWith('m=') === false ? parts.shift()! : '';
  return { session, streams: parts };
}

/** The indexes of the media descriptions selected by index or type. */
function chosen(streams: readonly string[], index: Value): number[] {
  const wanted = integerOf(index);
  if (Number.isNaN(wanted)) {
    const begin = `m=${nameOf(index)} `;
    return streams.flatMap((part, i) => (part.slice(0, begin.length).toLowerCase() === begin ? [i] : []));
  }
  const at = wanted < 0 ? streams.length + wanted : wanted;
  return at >= 0 && at < streams.length ? [at] : [];
}

/** Bytes of an address, which a variable may have stored as text. */
function addressBytes(text: string): Buffer | null {
  for (const encoding of ['latin1', 'utf8'] as const) {
    const bytes = Buffer.from(text, encoding);
    if (bytes.length === 4 || bytes.length === 16) return bytes;
  }
  return null;
}

/** Without the brackets of a URI's host. */
function plain(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

/** Number of bytes of the address, 0 if the text is not one. */
function sizeOf(text: string): number {
  return parseAddress(plain(text))?.length ?? 0;
}
