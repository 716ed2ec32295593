/** Anonymises a session description: origin, addresses, keys, names. */
import { HOST_NAME } from './patterns.js';
import type { TextRewriter } from './text-rewriter.js';

/** Attributes whose value is a secret or an identity. */
const OPAQUE = /^(ice-ufrag|ice-pwd|crypto|fingerprint|key-mgmt|msid|msid-semantic|cname|identity|tls-id|label|mid-secret):(.*)$/i;

export function rewriteSdp(sdp: string, rewriter: TextRewriter): string {
  return sdp
    .split(/(\r\n|\n|\r)/)
    .map((line) =>
      /^[a-z]=/i.test(line) ? rewriteLine(line[0].toLowerCase(), line.slice(2), rewriter) : /^[\r\n]*$/.test(line) ? line : '',
    )
    .join('');
}

function rewriteLine(type: string, value: string, rewriter: TextRewriter): string {
  const { mapping } = rewriter;
  switch (type) {
    case 'o': {
      const [user, session, version, net, family, address] = value.split(/\s+/);
      const name = user === '-' ? '-' : mapping.user(user);
      return `o=${name} ${mapping.number(session ?? '0')} ${version ?? '0'} ${net ?? 'IN'} ${family ?? 'IP4'} ${mapping.host(address ?? '')}`;
    }
    case 's':
      return 's=-';
    case 'i':
    case 'u':
    case 'e':
    case 'p':
    case 'k':
      return `${type}=-`;
    case 'c':
      return `c=${value.replace(/(\S+?)(\/\d+)?$/, (_, host: string, rest: string | undefined) => mapping.host(host) + (rest ?? ''))}`;
    case 'a':
      return `a=${attribute(value, rewriter)}`;
    default:
      return `${type}=${value}`;
  }
}

function attribute(value: string, rewriter: TextRewriter): string {
  const opaque = OPAQUE.exec(value);
  if (opaque !== null) return `${opaque[1]}:${opaqueValue(opaque[1].toLowerCase(), opaque[2], rewriter)}`;
  const ssrc = /^ssrc:(\d+) (cname|msid|mslabel|label):(.*)$/i.exec(value);
  if (ssrc !== null) return `ssrc:${ssrc[1]} ${ssrc[2]}:${rewriter.mapping.token(ssrc[3])}`;
  if (/^(?:candidate|remote-candidates|rtcp|source-filter|alt):/i.test(value)) return addresses(value, rewriter);
  if (
    /^(?:rtpmap|fmtp|ptime|maxptime|sendrecv|sendonly|recvonly|inactive|rtcp-mux|rtcp-fb|setup|mid|group|extmap|ice-options|ice-lite)\b/i.test(
      value,
    )
  )
    return value;
  return rewriter.text(value);
}

/** The tag and suite of a=crypto are kept, the rest is the key. */
function opaqueValue(name: string, value: string, rewriter: TextRewriter): string {
  const { mapping } = rewriter;
  if (name !== 'crypto' && name !== 'fingerprint') return mapping.token(value.trim());
  const [first, second, ...rest] = value.trim().split(/\s+/);
  return name === 'fingerprint'
    ? `${first} ${mapping.token(second ?? '')}`
    : `${first} ${second ?? ''} inline:${mapping.token(rest.join(' '))}`;
}

/** Words that are addresses or host names; a candidate's priority is not a telephone number. */
function addresses(value: string, { mapping }: TextRewriter): string {
  return value
    .split(' ')
    .map((word) => mapping.address(word) || word.replace(HOST_NAME, (name) => mapping.host(name)))
    .join(' ')
    .replace(/(\sufrag\s+)(\S+)/i, (_, name: string, fragment: string) => name + mapping.token(fragment));
}
