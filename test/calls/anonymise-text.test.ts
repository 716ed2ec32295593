/** Anonymisation of originals in other notations: encoded, with separators, in product names, known from nowhere else. */
import { describe, expect, test } from '@jest/globals';
import { Anonymiser } from '../../src/lib/calls/index.js';
import { say } from './rig.js';

/** A call from +493012345678@corp.acme.de to carol.smith@10.77.0.9, with one more header or attribute. */
function anonymised(line: string, members: { to?: string; request?: string } = {}): string {
  const isAttribute = line.startsWith('a=');
  const message = say(0, '10.77.0.5:5060>10.77.0.9:5060', 'INVITE', {
    callId: 'call-4711@corp.acme.de',
    from: 'sip:+493012345678@corp.acme.de',
    to: members.to ?? 'sip:carol.smith@10.77.0.9',
    headers: isAttribute ? [] : [line],
    body: isAttribute
      ? `v=0\r\no=- 1 1 IN IP4 10.77.0.5\r\ns=-\r\nc=IN IP4 10.77.0.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n${line}\r\n`
      : '',
  });
  if (members.request !== undefined)
    message.payload = Buffer.from(message.payload.toString('latin1').replace('sip:ben@b.example', members.request), 'latin1');
  const anonymiser = new Anonymiser({ key: Buffer.from('key'), keepPrefix: 0, strict: false });
  anonymiser.learn(message);
  return anonymiser.message(message).payload.toString('latin1');
}

const lineOf = (output: string, line: string) => {
  const name = /^[\w-]+[:=]/.exec(line)![0];
  return output.split('\r\n').find((each) => each.startsWith(name))!;
};

/** Every original, in the forms in which it is looked for in all bytes of the output. */
const ORIGINALS =
  /carol|smith|10[.\-_]77[.\-_]0|acme|12345678|1234.?5678|1234.?56.?78|0b.?82|aa.?bb.?cc|2001:db8:1:|fe80::1|dave|jones|5551234|555.1234/i;

const LEAKS = [
  // Percent-encoding.
  'X-Enc: sip%3Acarol.smith%4010.77.0.9',
  'X-Enc: sip%3acarol%2esmith%4010%2e77%2e0%2e9',
  'X-Enc: carol%2Esmith',
  'X-Enc: %63%61%72%6F%6C.smith',
  'X-Enc: a=sip%253Acarol.smith%254010.77.0.9',
  'X-Enc: a=sip%2525253Acarol.smith%2525254010.77.0.9',
  'X-Enc: tel%3A%2B493012345678',
  'X-Enc: %E4%20carol.smith%4010.77.0.9',
  'X-Enc: h=%5B2001%3Adb8%3A1%3A%3A5%5D%3A5060',
  'X-Enc: 00%3A0B%3A82%3AAA%3ABB%3ACC',
  'Refer-To: <sip:x@y.example?Replaces=call-4711%40corp.acme.de%3bto-tag%3df1%3bfrom-tag%3Df1>',
  'Refer-To: <sip:x@y.example?P-Asserted-Identity=%22Dave%20Jones%22%20%3Csip%3Adave%40pbx.acme.de%3E>',
  'Refer-To: <sip:dave%40pbx.acme.de@y.example>',
  'Refer-To: <sip:x@y.example?carol.smith@10.77.0.9>',
  'History-Info: <sip:carol%2Esmith@10.77.0.9?Reason=SIP%3Bcause%3D302%3Btext%3D%22carol.smith%22>;index=1.1',
  'Diversion: <sip:%2B49-30-1234-5678@10.77.0.9>;reason="by carol%2esmith";x-for=carol%2Esmith%40pbx.acme.de',
  'Route: <pbx.acme.de:5060;lr>',
  'Contact: <sip:x@y.example>;carol.smith;for="carol%2Esmith"',
  // Numbers with separators.
  'X-Num: +49 (30) 1234-5678',
  'X-Num: +49 (0)30 12345678',
  'X-Num: +49.30.1234.5678',
  'X-Num: 030/1234 56 78',
  'X-Num: 030-12345678',
  'X-Num: call (030) 1234-5678 back',
  'X-Num: 1234 5678',
  'X-Num: (555) 555-1234',
  'X-Num: 1-800-555-1234',
  'X-Num: 212.555.1234',
  'X-Num: tel:+49 (30) 1234-5678',
  // Addresses.
  'X-Ip: 10-77-0-9',
  'X-Ip: ip-10-77-0-9.internal',
  'X-Ip: 10_77_0_9',
  'X-Ip: 5060-10.77.0.9-12',
  'X-Ip: 10.77.0.9.5060',
  'X-Ip: x.10.77.0.9',
  'X-Ip: ::ffff:10.77.0.9',
  'X-Ip: addr:2001:db8:1::5',
  'X-Ip: ip6:2001:db8:1::5: refused',
  'X-Ip: [fe80::1]:5060',
  'Via: SIP/2.0/UDP 10.77.0.5;received=10.77.0.9;maddr=pbx.acme.de;branch=z9hG4bKx;alias=10.77.0.9~5060~1',
  'Via: SIP/2.0/UDP pbx%2Eacme.de;received=[2001:db8:1::5];branch=z9hG4bKx (carol.smith)',
  // Host names.
  'X-Host: pbx.acme.de:5060',
  'X-Host: *.acme.de, via+pbx.acme.de',
  'X-Host: PBX.ACME.DE.',
  'X-Host: pbx.acme.de-backup',
  'Warning: 399 sbc.acme.de "x", 370 acme-sbc "carol.smith"',
  'Warning: 399 sbc.acme.de:5060 "x"',
  'Server: Asterisk PBX 18.13.0 (pbx.acme.de)',
  'Reason: SIP;cause=503;text="pbx.acme.de failed"',
  // Users.
  'X-User: dave.jones@10.77.0.9, dave.jones',
  'X-User: carol.smith-home, x_carol.smith~1',
  'X-User: "Dave Jones" <sip:dave@pbx.acme.de>',
  'X-User: Dave Jones <sip:dave@pbx.acme.de>; Jones',
  'Event: dialog;call-id=x@pbx.acme.de;from-tag=f1',
  'Retry-After: 3600 (carol.smith)',
  'SIP-ETag: pbx.acme.de-4711',
  'Authorization: Digest username*=UTF-8\'\'carol%2Esmith, realm="acme.de", response="x", target="pbx.acme.de"',
  'To: "Dave Jones" <sip:dave@pbx.acme.de',
  // MAC addresses.
  'User-Agent: Grandstream GXP 00:0B:82:AA:BB:CC',
  'User-Agent: Yealink SIP-T46S 66.84.0.15 000b82aabbcc',
  'User-Agent: GXP2170-00-0B-82-AA-BB-CC',
  'User-Agent: snom/000B82-AABBCC (10.77.0.9)',
  'X-Device: SEP000B82AABBCC, mac000b82aabbcc, mac:00:0B:82:AA:BB:CC:5060',
  'X-Device: 000b.82aa.bbcc',
  // Session description.
  'a=rtcp:4001 IN IP4 media.acme.de',
  'a=candidate:1 1 UDP 1 pbx.acme.de 4000 typ host ufrag carol',
  'a=x-from:sip%3Acarol.smith%4010.77.0.9',
];

test.each(LEAKS)('no byte of the original: %s', (line) => {
  expect(ORIGINALS.exec(anonymised(line))?.[0]).toBeUndefined();
});

test.each([
  ['sip:%63arol.smith%40acme.de@pbx.acme.de;x=carol%2esmith?To=%3csip:carol.smith@10.77.0.9%3E'],
  ['pbx.acme.de:5060'],
  ['sip:+49(30)1234-5678@[2001:db8:1::5]:5060;maddr=10.77.0.9'],
])('no byte of the original: Request-URI %s', (request) => {
  expect(ORIGINALS.exec(anonymised('X-Test: 1', { request }))?.[0]).toBeUndefined();
});

test("users that are more than one word: o'neil", () => {
  expect(anonymised("X-User: mr. O'Neil!", { to: "sip:o'neil@10.77.0.9" })).not.toMatch(/neil/i);
});

describe('the same original, the same replacement', () => {
  test('numbers with any separators, in digits', () => {
    const uri = /<sip:\+(\d+)@/.exec(anonymised('X-Num: 1'))![1];
    for (const number of ['+49 (30) 1234-5678', '+49.30.1234.5678', '+49 (0)30 12345678', 'tel%3A%2B493012345678']) {
      const line = lineOf(anonymised(`X-Num: ${number}`), 'X-Num: ');
      expect(line.replaceAll('%2B', '').replaceAll('%3A', '').replace(/\D/g, '')).toBe(uri);
    }
    // National: the last seven digits.
    expect(lineOf(anonymised('X-Num: 030/1234-5678'), 'X-Num: ').replace(/\D/g, '').slice(-7)).toBe(uri.slice(-7));
    expect(lineOf(anonymised('X-Num: +49 (30) 1234-5678'), 'X-Num: ')).toMatch(/^X-Num: \+\d\d \(\d\d\) \d{4}-\d{4}$/);
  });

  test('users and addresses, encoded or not', () => {
    const output = anonymised('X-Enc: sip%3Acarol%2Esmith%4010.77.0.9, carol.smith, 10-77-0-9, ::ffff:10.77.0.9');
    const [, user, address] = /^To: <sip:(user-\w+)@([\d.]+)>/m.exec(output)!;
    expect(lineOf(output, 'X-Enc: ')).toBe(
      `X-Enc: sip%3A${user}%40${address}, ${user}, ${address.replaceAll('.', '-')}, ::ffff:${address}`,
    );
  });

  test('MAC addresses in every notation; what remains is one, locally administered', () => {
    const line = lineOf(anonymised('X-Mac: 00:0B:82:AA:BB:CC 00-0b-82-aa-bb-cc 000b.82aa.bbcc SEP000B82AABBCC'), 'X-Mac: ');
    expect(line).toMatch(/^X-Mac: 02(:[0-9A-F]{2}){5} 02(-[0-9a-f]{2}){5} 02[0-9a-f]{2}\.[0-9a-f]{4}\.[0-9a-f]{4} SEP02[0-9A-F]{10}$/);
    expect(
      new Set(
        line
          .slice(7)
          .split(' ')
          .map((mac) => mac.replace(/SEP|[^0-9a-f]/gi, '').toLowerCase()),
      ).size,
    ).toBe(1);
  });

  test('a Call-ID that an earlier header mentions remains a Call-ID', () => {
    const output = anonymised('X-Leg: call-4711@corp.acme.de');
    const [, callId] = /^Call-ID: ([0-9a-f]{24}@host-\w+\.example)\r$/m.exec(output)!;
    expect(lineOf(output, 'X-Leg: ')).toBe(`X-Leg: ${callId}`);
  });
});

test.each([
  'User-Agent: Asterisk PBX 18.13.0~dfsg-2.4.1',
  'User-Agent: kamailio (5.6.2 (x86_64/linux))',
  'User-Agent: FreeSWITCH-mod_sofia/1.10.7-release~64bit',
  'User-Agent: SIP.js/0.21.2',
  'User-Agent: AVM FRITZ!Box 7590 154.07.57 (Jan 2 2026)',
  'User-Agent: PolycomVVX-VVX_411-UA/5.9.3.2857',
  'User-Agent: Cisco-SIPGateway/IOS-15.2.4.M5',
  'Server: 2.4.dev OpenSIPS (3.4.2-rc1)',
  'X-Time: 2026-05-28 20:26:40 +0200',
  'X-Time: 28.05.2026 20:26, 5/28/2026',
  'X-Text: refused, e.g. busy; 100% of 20 lines (see RFC 3261, section 20.43).',
  'X-Text: 50%25 of 3%20lines',
  'Reason: Q.850;cause=16;text="Normal call clearing"',
  'Event: dialog;sla',
  'Retry-After: 18000;duration=3600',
  'Accept-Contact: *;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"',
  'P-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel',
  'a=rtpmap:8 PCMA/8000',
  'a=cdsc: 1 audio RTP/AVP 18 0 8 96 97 101',
])('unchanged: %s', (line) => {
  expect(lineOf(anonymised(line), line)).toBe(line);
});

test.each('%25,%41,1 ,1.,1-,1,a.,a-,a,0a,-,;,(,),",<,@,a@,:,ab:,+,=,sip:, ,"\\'.split(','))(
  'long input takes no longer than its length warrants: %j',
  (unit) => {
    const started = performance.now();
    for (const header of ['X-Long: ', 'Contact: <sip:x@y>;', 'Authorization: Digest '])
      anonymised(header + unit.repeat(30_000 / unit.length));
    expect(performance.now() - started).toBeLessThan(20_000);
  },
  60_000,
);
