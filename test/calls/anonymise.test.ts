/** Anonymisation: nothing of the original is in any byte of the output, and what belonged together still does. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ledger, type Message } from '../../src/lib/base/index.js';
import { Anonymiser } from '../../src/lib/calls/index.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { readMessages } from '../oracle/read-messages.js';
import { prepared, say } from './rig.js';

const captures = resolve(import.meta.dirname, '../../../shared/captures/files');
const make = (members: object = {}) => new Anonymiser({ key: Buffer.from('key'), keepPrefix: 0, strict: false, ...members });
const textOf = (message: Message, anonymiser = make()) => {
  anonymiser.learn(message);
  return anonymiser.message(message).payload.toString('utf8');
};

/** A message with all identifying data in many places and forms. */
const EVERYTHING = [
  'INVITE sip:+4930123456;npdi@sbc.carrier.example:5080;user=phone?Replaces=abc%40phone.corp.example%3Bto-tag%3Dtt1%3Bfrom-tag%3Dff1 SIP/2.0',
  'Via: SIP/2.0/UDP 10.1.2.3:5060;branch=z9hG4bKsecret;received=203.0.113.77;rport=5060, SIP/2.0/TCP phone.corp.example;branch=z9hG4bKother',
  'Record-Route: <sip:proxy.corp.example;lr;ftag=ff9>',
  'f: "Anna Schmidt, Sales" <sip:anna.schmidt:pa55word@corp.example;user=phone>;tag=ff9',
  't: <tel:030123456;phone-context=+49>;tag=tt9',
  'i: callid-77@phone.corp.example',
  'CSeq: 12345678 INVITE',
  'm: <sip:anna.schmidt@10.1.2.3:5060;transport=udp>;+sip.instance="<urn:uuid:0f5c1c80-1a2b-4c3d-8e9f-0123456789ab>"',
  'P-Asserted-Identity: "Anna" <sip:+4930123456@carrier.example>, <tel:+4930123456>',
  'Diversion: <sip:+4930999888@corp.example>;reason=unconditional',
  'History-Info: <sip:bert.meier@corp.example?Reason=SIP%3Bcause%3D302>;index=1',
  'Session-ID: aaaabbbbccccddddeeeeffff00001111;remote=00000000000000000000000000000000',
  'P-Charging-Vector: icid-value=icid-xyz-4711;orig-ioi=corp.example',
  'Proxy-Authorization: Digest username="anna.schmidt", realm="corp.example", nonce="n0nce", uri="sip:corp.example", response="0badc0de", opaque="0paque", qop=auth, nc=00000001, cnonce="cn0nce"',
  'Authorization: Bearer ey.secret.token',
  'Identity: eyJhbGciOiJFUzI1NiJ9..sig;info=<https://cert.corp.example/x.pem>',
  'User-to-User: 0467656865696d;encoding=hex',
  'X-Customer: Anna Schmidt of corp.example, line 030123456, from 10.1.2.3 and 2001:db8:1:2::3',
  'X-CID: leg-a@phone.corp.example',
  'Subject: lunch with Bert',
  'Refer-To: <sip:bert.meier@corp.example>',
  'Warning: 399 proxy.corp.example "call from anna.schmidt refused"',
  'User-Agent: Phone/1.2 (serial 001565123456)',
  'Content-Type: application/sdp',
  'Content-Length: 9999',
  '',
  'v=0\r\no=anna.schmidt 2890844526 1 IN IP4 10.1.2.3\r\ns=Anna\r\ni=private\r\ne=anna@corp.example\r\nc=IN IP4 203.0.113.77\r\nt=0 0\r\nm=audio 40000 RTP/SAVP 8\r\na=rtpmap:8 PCMA/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5\r\na=candidate:1 1 UDP 2130706431 10.1.2.3 40000 typ host\r\na=candidate:2 1 UDP 1694498815 203.0.113.77 40000 typ srflx raddr 10.1.2.3 rport 40000\r\na=ice-ufrag:uFrag1\r\na=ssrc:99 cname:anna@10.1.2.3\r\n',
].join('\r\n');
const SECRETS =
  /4930123456|030123456|4930999888|0123456|anna|schmidt|sales|bert|meier|lunch|corp\.example|carrier\.example|phone\.corp|10\.1\.2\.3|203\.0\.113\.77|2001:db8:1:2|pa55word|secret|callid-77|leg-a|ff9|tt9|ff1|tt1|abc|0f5c1c80|aaaabbbb|icid-xyz|n0nce|0badc0de|0paque|cn0nce|bearer|eyjh|67656865696d|001565123456|c2vjcmv0|ufrag1|private/i;

describe('a message with every kind of personal data', () => {
  const message = () =>
    prepared({
      payload: Buffer.from(EVERYTHING),
      sourceAddress: '10.1.2.3',
      destinationAddress: '203.0.113.77',
      correlationId: 'leg-a@phone.corp.example',
    });

  test('retains none of it, in bytes or in members', () => {
    const anonymiser = make();
    const changed = anonymiser.message(message());
    expect(SECRETS.exec(changed.payload.toString('latin1').replace(/callid-host/g, ''))?.[0]).toBeUndefined();
    expect([changed.stream, changed.sequence]).toEqual([0n, 0]);
    expect(JSON.stringify({ ...changed, payload: '', capturedAt: 0, stream: '' })).not.toMatch(SECRETS);
    expect(changed.envelope).toBeNull();
    expect(changed.frames).toEqual([]);
  });

  test('remains valid SIP with its structure, Content-Length and media', () => {
    const changed = make().message(message());
    const sip = prepared({ payload: changed.payload }).sip!;
    expect(sip).toMatchObject({ method: 'INVITE', cseq: '12345678 INVITE', broken: [] });
    expect(sip.contentLength).toBe(changed.payload.length - sip.bodyAt);
    expect(sip.viaBranch).toMatch(/^z9hG4bK[0-9a-f]{16}$/);
    const text = changed.payload.toString();
    expect(text).toMatch(/^a=candidate:1 1 UDP 2130706431 198\.1[89]\.\d+\.\d+ 40000 typ host\r$/m);
    expect(text).toMatch(/^m=audio 40000 RTP\/SAVP 8\r$/m);
    expect(text).toMatch(/^m: <sip:[\w-]+@198\.1[89]\.\d+\.\d+:5060;transport=udp>/m);
    expect(text).toMatch(/^INVITE sip:\+\d{10};npdi@host-[0-9a-f]{8}\.example:5080;user=phone\?Replaces=/);
  });

  test('a value maps to the same replacement everywhere; the mapping depends on the key only', () => {
    const text = textOf(message());
    const number = /^INVITE sip:\+(\d+)/.exec(text)![1];
    expect(text).toContain(`<tel:+${number}>`);
    // The same subscriber in national form.
    expect(/^t: <tel:(\d+)/m.exec(text)![1].slice(-7)).toBe(number.slice(-7));
    expect(textOf(message())).toBe(text);
    expect(textOf(message(), make({ key: Buffer.from('other') }))).not.toBe(text);
  });

  test('--keep-prefix and --strict', () => {
    expect(textOf(message(), make({ keepPrefix: 4 }))).toMatch(/^INVITE sip:\+4930\d{6};/);
    const strict = make({ strict: true });
    expect(textOf(message(), strict)).not.toMatch(/^X-Customer/m);
    const loose = make();
    expect(textOf(message(), loose)).toMatch(/^X-Customer: \S/m);
    expect(loose.notes.toJSON()).toMatchObject({
      'header x-customer searched only': 1,
      'header identity left out': 1,
      'header user-to-user left out': 1,
    });
  });
});

test('addresses of one network stay in one network, and no two collide', () => {
  const anonymiser = make();
  const mapped = new Set<string>();
  for (let host = 0; host < 256; host++) mapped.add(anonymiser.message(say(0, `10.9.8.${host}:5060>b`, 'OPTIONS')).sourceAddress);
  expect(mapped.size).toBe(256);
  expect(new Set([...mapped].map((address) => address.replace(/\.\d+$/, ''))).size).toBe(1);
});

test('bodies other than SDP are removed', () => {
  const anonymiser = make();
  const text = textOf(say(0, 'a>b', 'MESSAGE', { body: 'meet me at noon', contentType: 'text/plain' }), anonymiser);
  expect(text).toMatch(/Content-Length: 0\r\n\r\n$/);
  expect(anonymiser.notes.toJSON()).toMatchObject({ 'body of text/plain emptied': 1 });
});

test('terminates on any bytes, without an exception', () => {
  for (const text of [
    '',
    'x',
    'INVITE\r\n\r\n',
    'SIP/2.0 200\r\n:\r\nFrom: "\r\nTo: <\r\nVia\r\n\r\nv=0',
    `INVITE sip:a SIP/2.0\r\nTo: ${'<'.repeat(50_000)}\r\n\r\n`,
  ])
    expect(make().message({ ...say(0, 'a>b', 'INVITE'), payload: Buffer.from(text) }).payload.length).toBeGreaterThan(0);
});

(existsSync(captures) ? describe : describe.skip)('real captures', () => {
  const files = existsSync(captures) ? readdirSync(captures).filter((file) => /^sip-(udp|tcp).*\.pcap(ng)?$/.test(file)) : [];

  test.each(files.filter((file) => !/sipp|fuzz|large-body/.test(file)))(
    '%s: no user, number, host, address, name, Call-ID or tag remains',
    async (file) => {
      const preparer = new MessagePreparer(new Ledger());
      const messages = (await readMessages([join(captures, file)])).messages.filter((message) => preparer.sip(message) === '');
      const secrets = new Set<string>();
      const add = (text: string) => void (text.length >= 5 && !COMMON.test(text) && secrets.add(text.toLowerCase()));
      for (const { sip, sourceAddress, destinationAddress } of messages) {
        for (const member of [
          'fromUser',
          'fromDomain',
          'toUser',
          'toDomain',
          'fromTag',
          'toTag',
          'contactUser',
          'contactHost',
          'callId',
          'pidUser',
          'authUser',
        ] as const)
          add(sip![member]);
        add(sourceAddress);
        add(destinationAddress);
      }
      const anonymiser = make();
      for (const message of messages) anonymiser.learn(message);
      const output = messages.map((message) => anonymiser.message(message).payload.toString('latin1').toLowerCase()).join('\n');
      expect([...secrets].filter((secret) => output.includes(secret))).toEqual([]);
    },
  );
});

/** Words of the protocol, and values that identify nobody. */
const COMMON = /^(?:anonymous|unknown|unavailable|localhost|invalid|anonymous\.invalid|127\.0\.0\.1|0\.0\.0\.0|invite|example|asterisk)$/i;
