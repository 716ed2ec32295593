/**
 * Single messages, many of them hostile, against tshark's output. Every difference is listed here with
 * its reason; one that is not listed fails, and so does a listed one that no longer occurs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { isFault, type SipFields } from '../../src/lib/base/index.js';
import { parseSip } from '../../src/lib/sip/parse.js';
import { captures, capturesAbsent, readRows, type Row } from '../oracle/tshark-rows.js';

/** File, members, reason. */
const KNOWN: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^badvers/, /^found$/, 'tshark knows version 2.0 only; a start line with another is one all the same, and what arrives is stored'],
  [/^lws(ruri|start)/, /^found$/, 'gaps in the request line: tshark gives up, the line is recognisably SIP'],
  [/^scalarlg/, /^cseq$/, 'tshark cuts the number to 32 bits, we keep what was written'],
  [/^(intmeth|pjsip-input\.4)/, /^uriUser$/, 'what follows the colon is the password (RFC 3261 section 19.1.1), no part of the user'],
  [/^intmeth/, /^cseq$/, 'tshark does not read a CSeq method of odd token characters'],
  [/^(longreq|dblreq)/, /^branch$/, 'the topmost Via has no branch of its own; tshark shows the first branch of any Via'],
  [
    /^(wsinv|pjsip-input\.3)/,
    /^(from|to|branch|cseq)/,
    'white space before the colon and inside the values, which RFC 3261 section 7.3.1 allows; tshark loses them',
  ],
  [/^pjsip-tel_uri/, /User$/, 'the number of a tel URI is its user (spec of the columns); tshark leaves it out'],
  [/^PROTOS/, /^found$/, 'larger than a datagram can be, so tshark never saw it, or NUL in the URI, which is stored with U+FFFD'],
  [/^PROTOS/, /^cseq$/, 'the templates have "[CSeq]" where the number belongs: broken, the column stays empty'],
  [/^PROTOS/, /^branch$/, 'the templates have "[IP]" as host, at which tshark gives up the Via'],
  [
    /^PROTOS\/SIP-Call-Id-Value\/(ansi-escape|overflow-null)/,
    /^callId$/,
    'control bytes: tshark escapes them or stops at NUL, ours are the bytes with U+FFFD for NUL',
  ],
  [
    /^PROTOS\/SIP-(Contact|To)-URI\/(empty|overflow-null)/,
    /^(contact|to)Host$/,
    'there is no URI in the brackets; tshark shows text of elsewhere as host',
  ],
  [/^PROTOS\/SIP-Cseq-String/, /^(from|to|contact|userAgent)/, 'tshark stops at the CSeq; the other headers are sound'],
  [/^PROTOS\/SIP-From-Colon/, /^from/, 'more than one colon behind the name: the address is readable'],
  [/^PROTOS\/SIP-From-URI-User\/overflow-null/, /^fromUser$/, 'tshark stops at NUL, ours has U+FFFD'],
];

function membersOf(sip: SipFields): Record<string, string> {
  return {
    method: sip.kind === 1 ? sip.method : '',
    status: sip.kind === 2 ? sip.method : '',
    reply: sip.replyReason,
    uri: sip.ruri,
    uriUser: sip.ruriUser,
    callId: sip.callId,
    cseq: sip.cseq.replace(/\s+/g, ' '),
    branch: sip.viaBranch,
    fromUser: sip.fromUser,
    fromHost: sip.fromDomain,
    fromTag: sip.fromTag,
    toUser: sip.toUser,
    toHost: sip.toDomain,
    toTag: sip.toTag,
    contactUser: sip.contactUser,
    contactHost: sip.contactHost,
    contentType: sip.contentType,
    ...(sip.kind === 1 ? { userAgent: sip.userAgent } : {}),
  };
}

function membersOfTshark(row: Row): Record<string, string> {
  return {
    method: row.method,
    status: row.status,
    reply: row.reason_phrase,
    uri: row.r_uri,
    uriUser: row.r_uri_user,
    callId: row.call_id,
    cseq: `${row.cseq_num} ${row.cseq_method}`.trim(),
    branch: row.via1_branch,
    fromUser: row.from_user,
    fromHost: row.from_host,
    fromTag: row.from_tag,
    toUser: row.to_user,
    toHost: row.to_host,
    toTag: row.to_tag,
    contactUser: row.contact_user,
    contactHost: row.contact_host,
    contentType: row.content_type,
    userAgent: row.user_agent,
  };
}

/** Long values are cut in the tables, and say how long they were. */
function same(ours: string, theirs: string): boolean {
  const cut = /^([^]*)\.\.\.\(len \d+\)$/.exec(theirs);
  return cut === null ? ours === theirs : ours.startsWith(cut[1]);
}

function differencesOf(row: Row, payload: Buffer): string[] {
  const sip = parseSip(payload);
  if (isFault(sip) !== (row.tshark_sees_sip !== '1')) return ['found'];
  if (isFault(sip)) return [];
  const theirs = membersOfTshark(row);
  return Object.entries(membersOf(sip))
    .filter(([member, value]) => !same(value, theirs[member]))
    .map(([member]) => member);
}

/** Regular files of a tar archive (POSIX.1-1988 ustar: name at 0, size at 124, type at 156). */
function untar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(bytes.toString('latin1', at + 124, at + 136), 8);
    const name = bytes.toString('latin1', at, bytes.indexOf(0, at));
    if (bytes[at + 156] === 0x30) files.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const seen = new Set<string>();

function unexplained(set: string, payloadOf: (file: string) => Buffer | undefined): string[] {
  const complaints: string[] = [];
  for (const row of readRows(`${set}.tsv`)) {
    const payload = payloadOf(row.file);
    if (payload === undefined) {
      complaints.push(`${row.file}: absent`);
      continue;
    }
    for (const member of differencesOf(row, payload)) {
      const known = KNOWN.find(([file, members]) => file.test(row.file) && members.test(member));
      if (known === undefined) complaints.push(`${row.file}: ${member}`);
      else seen.add(known[2]);
    }
  }
  return complaints;
}

if (capturesAbsent) {
  test.skip('the shared captures are absent: nothing to compare with tshark', () => {});
} else {
  describe('the same as tshark, except for listed differences', () => {
    test.each(['sip-torture-rfc4475', 'sip-messages'])('%s', (set) => {
      const file = (name: string) => join(captures, 'files', set, name);
      expect(unexplained(set, (name) => (existsSync(file(name)) ? readFileSync(file(name)) : undefined))).toEqual([]);
    });

    test('sip-malformed-protos-style', () => {
      const files = untar(gunzipSync(readFileSync(join(captures, 'files/sip-malformed-protos-style/protos-style-dev.tar.gz'))));
      expect(unexplained('sip-malformed-protos-style', (name) => files.get(name))).toEqual([]);
    });

    test('every listed difference occurs', () => {
      expect(KNOWN.map((known) => known[2]).filter((reason) => !seen.has(reason))).toEqual([]);
    });
  });
}
