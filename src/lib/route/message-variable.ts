/** Variables that read the message: a closure for each name. SIP is parsed only by those that need it. */
import type { SipFields } from '../base/index.js';
import { addressUri, uriHost, uriUser } from './uri.js';
import type { Reader, Run } from './run.js';
import { numberOf, type Value } from './value.js';

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
};

const OTHER_READERS: Readonly<Record<string, Reader>> = {
  ru: (run) => known(requestUri(run)),
  rU: (run) => known(uriUser(requestUri(run))),
  rd: (run) => known(uriHost(requestUri(run))),
  fu: (run) => headerUri(run, 'from'),
  tu: (run) => headerUri(run, 'to'),
  ct: (run) => run.context.header('contact', 0),
  si: (run) => run.context.message.sourceAddress,
  sp: (run) => run.context.message.sourcePort,
  Ri: (run) => run.context.message.destinationAddress,
  Rp: (run) => run.context.message.destinationPort,
  pr: transport,
  proto: transport,
  mb: (run) => run.context.message.payload.toString(),
  ml: (run) => run.context.message.payload.length,
  rb: body,
  Ts: (run) => Math.floor(run.context.now() / 1e6),
  HEPVERSION: (run) => run.context.message.envelope?.version ?? null,
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

/** The method of a request, of a reply the one that its CSeq names. */
export function methodOf(sip: SipFields): string {
  return sip.kind === REQUEST ? sip.method : sip.cseq.slice(wordEnd(sip.cseq)).trim();
}

function requestUri(run: Run): string {
  return run.requestUri !== '' ? run.requestUri : (run.context.sip()?.ruri ?? '');
}

function headerUri(run: Run, name: string): Value {
  const value = run.context.header(name, 0);
  return value === null ? null : addressUri(value);
}

function transport(run: Run): Value {
  return TRANSPORTS[run.context.message.protocol] ?? 'unknown';
}

function body(run: Run): Value {
  const sip = run.context.sip();
  const { payload } = run.context.message;
  return sip === null || sip.bodyAt >= payload.length ? null : payload.toString('utf8', sip.bodyAt);
}

function known(text: string): Value {
  return text === '' ? null : text;
}

function wordEnd(text: string): number {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) > 0x20) at++;
  return at;
}
