/** Variables that read the message: a closure for each name. SIP is parsed only by those that need it. */
import type { SipFields } from '../base/index.js';
import { addressUri, headerValuesOf, credential, displayName, headerParameters, uriHost, uriUser, parseUri, parameterList } from './uri.js';
import { body } from './message-body.js';
import type { Reader, Run } from './run.js';
import { numberOf, textOf, type Value } from './value.js';

type OfSip = (sip: SipFields) => Value;

const TRANSPORTS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 22: 'tls', 50: 'ws', 132: 'sctp' };
const REQUEST = 1;

export function messageReader(name: string): Reader {
  const ofSip = SIP_READERS[name];
  if (ofSip === undefined) return OTHER_READERS[name];
  return (run) => {
    const sip = run.context.sip();
    return sip === null ? null : ofSip(sip);
  };
}

const SIP_READERS: Readonly<Record<string, OfSip>> = {
  rm: methodOf,
  rs: (sip) => (sip.kind === REQUEST ? null : numberOf(sip.method)),
  rr: (sip) => (sip.kind === REQUEST ? null : sip.replyReason),
  fU: (sip) => known(sip.fromUser),
  fd: (sip) => known(sip.fromDomain),
  ft: (sip) => known(sip.fromTag),
  tU: (sip) => known(sip.toUser),
  td: (sip) => known(sip.toDomain),
  tt: (sip) => known(sip.toTag),
  ci: (sip) => known(sip.callId),
  cs: (sip) => known(sip.cseq.slice(0, wordEnd(sip.cseq))),
  ua: (sip) => known(sip.userAgent),
  cl: (sip) => (sip.contentLength < 0 ? null : sip.contentLength),
  ou: (sip) => known(sip.ruri),
  oU: (sip) => known(uriUser(sip.ruri)),
  od: (sip) => known(uriHost(sip.ruri)),
  op: (sip) => portOf(sip.ruri),
  oP: (sip) => uriTransport(sip.ruri),
  aU: (sip) => known(credential(sip.auth, 'username')),
  au: (sip) => known(credential(sip.auth, 'username').split('@')[0]),
  ad: (sip) => known(credential(sip.auth, 'username').split('@')[1] ?? credential(sip.auth, 'realm')),
  ar: (sip) => known(credential(sip.auth, 'realm')),
  adu: (sip) => known(credential(sip.auth, 'uri')),
  an: (sip) => known(credential(sip.auth, 'nonce')),
  'auth.resp': (sip) => known(credential(sip.auth, 'response')),
  'auth.nonce': (sip) => known(credential(sip.auth, 'nonce')),
  'auth.opaque': (sip) => known(credential(sip.auth, 'opaque')),
  'auth.alg': (sip) => known(credential(sip.auth, 'algorithm')),
  'auth.qop': (sip) => known(credential(sip.auth, 'qop')),
  'auth.nc': (sip) => known(credential(sip.auth, 'nc')),
  Au: (sip) => known(credential(sip.auth, 'username').split('@')[0] || sip.fromUser),
  'msg.is_request': (sip) => (sip.kind === REQUEST ? 1 : 0),
  'msg.type': (sip) => (sip.kind === REQUEST ? 'request' : 'reply'),
};

const OTHER_READERS: Readonly<Record<string, Reader>> = {
  ru: (run) => known(requestUri(run)),
  rU: (run) => known(uriUser(requestUri(run))),
  rd: (run) => known(uriHost(requestUri(run))),
  rp: (run) => portOf(requestUri(run)),
  rP: (run) => uriTransport(requestUri(run)),
  dd: (run) => known(uriHost(run.target)),
  dp: (run) => {
    const { port } = parseUri(run.target);
    return port === '' ? null : numberOf(port);
  },
  fu: (run) => headerUri(run, 'from'),
  tu: (run) => headerUri(run, 'to'),
  fn: (run) => name(run, 'from'),
  tn: (run) => name(run, 'to'),
  di: (run) => headerUri(run, 'diversion'),
  dip: (run) => headerParameter(run, 'diversion', 'privacy'),
  dir: (run) => headerParameter(run, 'diversion', 'reason'),
  re: (run) => headerUri(run, 'remote-party-id'),
  rt: (run) => headerUri(run, 'refer-to'),
  ai: (run) => headerUri(run, 'p-asserted-identity'),
  pu: (run) => headerUri(run, 'p-preferred-identity'),
  pU: (run) => known(uriUser(headerUri(run, 'p-preferred-identity') ?? '')),
  pd: (run) => known(uriHost(headerUri(run, 'p-preferred-identity') ?? '')),
  pn: (run) => name(run, 'p-preferred-identity'),
  si: (run) => run.context.message.sourceAddress,
  sp: (run) => run.context.message.sourcePort,
  Ri: (run) => run.context.message.destinationAddress,
  Rp: (run) => run.context.message.destinationPort,
  pr: transport,
  proto: transport,
  af: (run) => (run.context.message.sourceAddress.includes(':') ? 'INET6' : 'INET'),
  mi: (run) => run.messages,
  'msg.id': (run) => run.messages,
  mb: (run) => run.context.message.payload.toString(),
  ml: (run) => run.context.message.payload.length,
  sdp: sessionDescription,
  'sdp.session': (run) => sessionDescription(run)?.split(/^(?=m=)/m)[0] ?? null,
  Ts: (run) => Math.floor(run.context.now() / 1e6),
  Tsm: (run) => run.context.now() % 1e6,
  Tf: (run) => run.context.time('%a %b %e %H:%M:%S %Y'),
  TS: (run) => Math.floor(run.context.startedAt / 1e6),
  pp: () => process.pid,
  HEPVERSION: (run) => run.context.message.envelope?.version ?? null,
  proto_type: (run) => run.context.message.payloadType,
};

/** `$hep_net`: the addresses of the HEP packet itself. */
export function hepNetReader(name: string): Reader {
  return (run) => {
    const { envelope } = run.context.message;
    if (envelope === null) return null;
    switch (name) {
      case 'proto_family':
        return envelope.peerAddress.includes(':') ? 'AF_INET6' : 'AF_INET';
      case 'proto_id':
        return `hep_${envelope.transport}`;
      case 'src_ip':
        return envelope.peerAddress;
      case 'dst_ip':
        return envelope.localAddress;
      case 'src_port':
        return envelope.peerPort;
      case 'dst_port':
        return envelope.localPort;
      default:
        return null;
    }
  };
}

/** All contacts of all Contact headers, in order. */
export function contacts(run: Run): string[] {
  return run.context.headers('contact').flatMap((header) => (header.includes(',') ? headerValuesOf(header) : [header]));
}

/** `$ct.fields(...)`. */
export const CONTACT_FIELDS: readonly string[] = ['name', 'uri', 'q', 'expires', 'methods', 'received', 'contact', 'params'];

export function contactField(value: string, field: string): Value {
  switch (field) {
    case 'name':
      return known(displayName(value));
    case 'uri':
      return known(addressUri(value));
    case 'contact':
      return value;
    case 'params':
      return known(headerParameters(value));
    default:
      return parameterList(headerParameters(value)).find((one) => one.name === field)?.value ?? null;
  }
}

/** `$socket_in(...)`: where the message went to. */
export const SOCKET_FIELDS: readonly string[] = ['ip', 'port', 'proto', 'af', 'advertised_ip', 'advertised_port', 'tag', 'anycast'];

export function socketField(run: Run, field: string | null): Value {
  const { destinationAddress: address, destinationPort: port } = run.context.message;
  switch (field) {
    case 'ip':
      return address;
    case 'port':
      return port;
    case 'proto':
      return transport(run);
    case 'af':
      return address.includes(':') ? 'INET6' : 'INET';
    case 'anycast':
      return 0;
    case 'advertised_ip':
    case 'advertised_port':
    case 'tag':
      return null;
    default:
      return `${textOf(transport(run))}:${address.includes(':') ? `[${address}]` : address}:${port}`;
  }
}

/** The method of a request, for a reply that of its CSeq. */
export function methodOf(sip: SipFields): string {
  return sip.kind === REQUEST ? sip.method : sip.cseq.slice(wordEnd(sip.cseq)).trim();
}

export function requestUri(run: Run): string {
  return run.requestUri !== '' ? run.requestUri : (run.context.sip()?.ruri ?? '');
}

function headerUri(run: Run, header: string): string | null {
  const value = run.context.header(header, 0);
  return value === null ? null : addressUri(value);
}

function headerParameter(run: Run, header: string, wanted: string): Value {
  const value = run.context.header(header, 0);
  return value === null ? null : (parameterList(headerParameters(value)).find((one) => one.name === wanted)?.value ?? null);
}

function name(run: Run, header: string): Value {
  const value = run.context.header(header, 0);
  return value === null ? null : known(displayName(value));
}

/** As written, else the one of its transport (RFC 3261 section 19.1.2). */
function portOf(uri: string): Value {
  if (uri === '') return null;
  const { port } = parseUri(uri);
  return port !== '' ? numberOf(port) : (PORTS[uriTransport(uri)!.toLowerCase()] ?? 5060);
}

const PORTS: Readonly<Record<string, number>> = { tls: 5061, ws: 80, wss: 443 };

/** As written, else tls for sips: and udp. */
function uriTransport(uri: string): string | null {
  if (uri === '') return null;
  const { parameters, scheme } = parseUri(uri);
  const written = parameterList(parameters).find((one) => one.name === 'transport')?.value ?? '';
  return written !== '' ? written : scheme.toLowerCase() === 'sips' ? 'tls' : 'udp';
}

function sessionDescription(run: Run): string | null {
  const sip = run.context.sip();
  return sip !== null && /^application\/sdp\b/i.test(sip.contentType) ? body(run) : null;
}

function transport(run: Run): Value {
  return TRANSPORTS[run.context.message.protocol] ?? 'unknown';
}

export function known(text: string): Value {
  return text === '' ? null : text;
}

function wordEnd(text: string): number {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) > 0x20) at++;
  return at;
}
