/** Classifies non-HEP traffic on a HEP port for the counters; recognises HEP in captures. */
import { FAMILY_IPV4, FAMILY_IPV6, fault, u32, type Fault } from '../base/index.js';

const METHODS = [
  'SIP/2.0 ',
  'INVITE ',
  'ACK ',
  'BYE ',
  'CANCEL ',
  'OPTIONS ',
  'REGISTER ',
  'PRACK ',
  'SUBSCRIBE ',
  'NOTIFY ',
  'PUBLISH ',
  'INFO ',
  'REFER ',
  'MESSAGE ',
  'UPDATE ',
];
const HTTP = ['GET ', 'POST ', 'PUT ', 'HEAD ', 'DELETE ', 'CONNECT ', 'PATCH ', 'HTTP/', 'PRI * HTTP'];
const PROTOCOLS: ReadonlySet<number> = new Set([6, 17, 22, 50, 132]);

export function notHep(bytes: Buffer, from: number, to: number): Fault {
  if (beginsLikeSip(bytes, from, to)) return fault('plain_sip', 'hep', from);
  if (beginsWith(bytes, from, to, HTTP)) return fault('http', 'hep', from);
  // Field 1 (version) and field 2 (protocol), both varint: the protobuf of heplify 1.
  if (bytes[from] === 0x08 && bytes[from + 2] === 0x10) return fault('heplify_protobuf', 'hep', from);
  return fault('not_hep', 'hep', from);
}

/** A well-known method or a status line. */
export function beginsLikeSip(bytes: Buffer, from: number, to: number): boolean {
  return beginsWith(bytes, from, to, METHODS);
}

/** HEP3 by its magic number; versions 1 and 2, which have none, if header and payload both look right. */
export function looksLikeHep(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < 20) return false;
  const magic = u32(bytes, from);
  if (magic === 0x48455033 || magic === 0x45455033) return true;
  const version = bytes[from];
  if (version !== 1 && version !== 2) return false;
  const family = bytes[from + 2];
  if ((family !== FAMILY_IPV4 && family !== FAMILY_IPV6) || !PROTOCOLS.has(bytes[from + 3])) return false;
  const behind = from + 8 + (family === FAMILY_IPV4 ? 8 : 32);
  if (version === 1) return beginsLikeSip(bytes, behind, to);
  return beginsLikeSip(bytes, behind + 12, to) || beginsLikeSip(bytes, behind + 10, to);
}

function beginsWith(bytes: Buffer, from: number, to: number, words: readonly string[]): boolean {
  for (const word of words) {
    if (to - from < word.length || bytes[from] !== word.charCodeAt(0)) continue;
    let i = 1;
    while (i < word.length && bytes[from + i] === word.charCodeAt(i)) i++;
    if (i === word.length) return true;
  }
  return false;
}
