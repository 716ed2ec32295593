import { describe, expect, test } from '@jest/globals';
import { isFault, type SipFields } from '../../src/lib/base/index.js';
import { SipParser, parseSip } from '../../src/lib/sip/parse.js';
import { goldenRequest, plainHeaders, plainRequest, sipBytes } from '../rigs/sip.js';

function fieldsOf(payload: Buffer): SipFields {
  const sip = parseSip(payload);
  if (isFault(sip)) throw new Error(`refused: ${sip.fault}`);
  return sip;
}

/** Fields of a plain request with one more header in front: the first of a name is the one that counts. */
function withHeader(line: string, method = 'OPTIONS'): SipFields {
  return fieldsOf(sipBytes(`${method} sip:ben@b.example SIP/2.0`, [line, ...plainHeaders(method)]));
}

describe('the message of the golden row', () => {
  const sip = fieldsOf(goldenRequest());

  test('fills every field', () => {
    expect(sip).toMatchObject({
      kind: 1,
      method: 'INVITE',
      replyReason: '',
      ruri: 'sip:bob:secret@example.com:5061;user=phone',
      ruriUser: 'bob',
      ruriDomain: 'example.com',
      fromUser: 'alice',
      fromDomain: 'a.example',
      fromTag: 'ft1',
      toUser: 'bob',
      toDomain: 'b.example',
      toTag: '',
      pidUser: '+123',
      contactUser: 'alice',
      contactHost: '10.1.1.1',
      contactPort: 5062,
      authUser: 'auser',
      auth: 'Digest realm="r, s", username="auser@realm", uri="sip:example.com", response="0"',
      callId: 'golden-1@a.example',
      callIdAleg: 'aleg-1',
      via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone;rport, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKtwo',
      viaBranch: 'z9hG4bKone',
      cseq: '1 INVITE',
      diversion: '<sip:div1@d.example>;reason=unconditional',
      reason: 'SIP;cause=200;text="Call completed elsewhere"',
      contentType: 'application/sdp',
      contentLength: 5,
      userAgent: 'Golden Phone 1.0',
      originatorIp: '192.0.2.5',
      originatorPort: 5099,
      rtpStat: 'PS=1',
      broken: [],
    });
  });

  test('has the position of the body, and the head as text', () => {
    const payload = goldenRequest();
    expect(payload.subarray(sip.bodyAt).toString()).toBe('v=0\r\n');
    expect(`${sip.head}\r\n\r\n`).toBe(payload.subarray(0, sip.bodyAt).toString());
  });
});

describe('start lines', () => {
  test.each([
    [
      'SIP/2.0 486 Busy Here Now',
      { kind: 2, method: '486', replyReason: 'Busy Here Now', ruri: '', ruriUser: '', ruriDomain: '', broken: [] },
    ],
    ['SIP/2.0 100 ', { kind: 2, method: '100', replyReason: '' }],
    ['sip/2.0 200 OK', { kind: 2, method: '200', replyReason: 'OK' }],
    [
      'OPTIONS sip:proxy.example SIP/2.0',
      { kind: 1, method: 'OPTIONS', ruri: 'sip:proxy.example', ruriUser: '', ruriDomain: 'proxy.example' },
    ],
    ['OPTIONS sips:a@[2001:db8::1]:5061 SIP/2.0', { ruriUser: 'a', ruriDomain: '[2001:db8::1]' }],
    ['INVITE tel:+1-201;phone-context=x SIP/2.0', { ruri: 'tel:+1-201;phone-context=x', ruriUser: '+1-201', ruriDomain: '' }],
    ['INVITE <sip:a@b.example> SIP/2.0', { ruri: '<sip:a@b.example>', ruriUser: 'a', ruriDomain: 'b.example' }],
    ['INVITE  sip:a@b.example  SIP/2.0  ', { method: 'INVITE', ruri: 'sip:a@b.example', ruriUser: 'a' }],
    ['INVITE sip:a@b.example; lr SIP/2.0', { ruri: 'sip:a@b.example; lr', ruriUser: 'a', ruriDomain: 'b.example' }],
    ['INVITE urn:service:sos SIP/2.0', { ruri: 'urn:service:sos', ruriUser: '', ruriDomain: '', broken: [] }],
    ['INVITE sip:a@ SIP/2.0', { ruri: 'sip:a@', ruriUser: '', ruriDomain: '', broken: ['ruri'] }],
  ])('%s', (line, expected) => expect(fieldsOf(sipBytes(line, plainHeaders('INVITE')))).toMatchObject(expected));

  test('non-SIP is a fault', () => {
    expect(parseSip(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toMatchObject({ fault: 'not_sip' });
    expect(parseSip(Buffer.alloc(0))).toMatchObject({ fault: 'not_sip' });
    expect(parseSip(Buffer.from('\r\n\r\n'))).toMatchObject({ fault: 'not_sip' });
  });
});

describe('addresses', () => {
  test.each([
    ['From: <sip:ann@a.example>', { fromUser: 'ann', fromDomain: 'a.example', fromTag: '' }],
    ['From: sip:ann@a.example;tag=1', { fromUser: 'ann', fromDomain: 'a.example', fromTag: '1' }],
    ['f:sip:ann@a.example:5070 ; x=y ; tag = 1 ', { fromUser: 'ann', fromDomain: 'a.example', fromTag: '1' }],
    ['From: Ann B <sip:ann@a.example>;x="a;tag=no,";tag=yes', { fromUser: 'ann', fromTag: 'yes' }],
    ['From: "A \\"<sip:no@no.example>\\" B" <sip:ann@a.example>;tag=1', { fromUser: 'ann', fromDomain: 'a.example', fromTag: '1' }],
    ['From:"A"<SIP:ann:pw@A.Example;user=phone?x=y>;TAG=T', { fromUser: 'ann', fromDomain: 'A.Example', fromTag: 'T' }],
    ['From: <tel:+49301;isub=1>;tag=1', { fromUser: '+49301', fromDomain: '', fromTag: '1', broken: [] }],
    ['From: <sip:[2001:db8::1]:5060>;tag=1', { fromUser: '', fromDomain: '[2001:db8::1]', fromTag: '1' }],
    ['From: <mailto:ann@a.example>;tag=1', { fromUser: '', fromDomain: '', fromTag: '1', broken: ['from'] }],
    ['From: "Ann <sip:ann@a.example>;tag=1', { fromUser: '', fromDomain: '', fromTag: '1', broken: ['from'] }],
    ['From: <sip:ann@a.example;tag=1', { fromUser: '', fromTag: '', broken: ['from'] }],
    ['From: "Ann" sip:ann@a.example>;tag=1', { fromUser: '', fromDomain: '', fromTag: '1', broken: ['from'] }],
    ['From: <sip:ann@[2001:db8::1>;tag=1', { fromUser: '', fromDomain: '', broken: ['from'] }],
    ['From:', { fromUser: '', broken: ['from'] }],
    ['To: "B, en" <sip:ben@b.example>;tag=t', { toUser: 'ben', toDomain: 'b.example', toTag: 't' }],
    ['To: <sip:ben@b.example;tag=inside>', { toUser: 'ben', toTag: '' }],
    ['Contact: *', { contactUser: '', contactHost: '', contactPort: 0, broken: [] }],
    ['m: <sip:c@192.0.2.7>;q=0.5, <sip:d@192.0.2.8:5070>', { contactUser: 'c', contactHost: '192.0.2.7', contactPort: 0 }],
    ['Contact: sip:c@192.0.2.7:5070;expires=1', { contactUser: 'c', contactHost: '192.0.2.7', contactPort: 5070 }],
    ['Contact: sip:c@192.0.2.7,sip:d@192.0.2.8', { contactUser: 'c', contactHost: '192.0.2.7' }],
    ['Contact: <sip:[2001:db8::1]:5071>', { contactUser: '', contactHost: '[2001:db8::1]', contactPort: 5071 }],
    ['Contact: <sip:c@h.example:99999>', { contactHost: 'h.example', contactPort: 0 }],
    ['Contact: nonsense', { contactHost: '', broken: ['contact'] }],
    ['P-Asserted-Identity: "A" <sip:+1@p.example>, <tel:+2>', { pidUser: '+1' }],
    ['P-Preferred-Identity: <tel:+3>', { pidUser: '+3' }],
  ])('%s', (line, expected) => expect(withHeader(line)).toMatchObject(expected));

  test('a broken asserted identity is not replaced by the preferred one', () => {
    const sip = fieldsOf(plainRequest('OPTIONS', ['P-Asserted-Identity: <im:a@b>', 'P-Preferred-Identity: <sip:+3@p.example>']));
    expect(sip).toMatchObject({ pidUser: '', broken: ['p_asserted_identity'] });
  });
});

describe('other headers', () => {
  test.each([
    ['v: SIP/2.0/TCP 192.0.2.1', { via: 'SIP/2.0/TCP 192.0.2.1', viaBranch: '' }],
    [
      'Via: SIP / 2.0 / UDP\r\n  192.0.2.1 ; branch = z9hG4bKx ;rport',
      { via: 'SIP / 2.0 / UDP\r\n  192.0.2.1 ; branch = z9hG4bKx ;rport', viaBranch: 'z9hG4bKx' },
    ],
    ['Via: SIP/2.0/UDP 192.0.2.1, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKsecond', { viaBranch: '' }],
    ['Via: nonsense', { via: '', viaBranch: '', broken: ['via'] }],
    ['Via: SIP/2.0/UDP', { via: '', broken: ['via'] }],
    ['CSeq: 0009  INVITE', { cseq: '0009  INVITE' }],
    ['CSeq: 36893488147419103232 REGISTER', { cseq: '36893488147419103232 REGISTER' }],
    ['CSeq: INVITE', { cseq: '', broken: ['cseq'] }],
    ['CSeq: 12', { cseq: '', broken: ['cseq'] }],
    ['i:  x@y  ', { callId: 'x@y' }],
    ['Call-ID : spaced', { callId: 'spaced' }],
    ['CALL-ID:tight', { callId: 'tight' }],
    ['c: text/plain', { contentType: 'text/plain' }],
    ['l:17', { contentLength: 17 }],
    ['Content-Length: -5', { contentLength: -1 }],
    ['Content-Length: 12345678901', { contentLength: -1 }],
    ['Content-Length:', { contentLength: -1 }],
    ['X-OIP: [2001:db8::1]:5070', { originatorIp: '[2001:db8::1]', originatorPort: 5070 }],
    ['X-OIP: [2001:db8::1]', { originatorIp: '[2001:db8::1]', originatorPort: 0 }],
    ['X-OIP: 2001:db8::1', { originatorIp: '2001:db8::1', originatorPort: 0 }],
    ['X-OIP: 192.0.2.5', { originatorIp: '192.0.2.5', originatorPort: 0 }],
    ['X-OIP: sip:192.0.2.5:5099', { originatorIp: '192.0.2.5', originatorPort: 5099 }],
    ['X-OIP: <sip:+49@192.0.2.5:5099;transport=tcp>;x=1:2', { originatorIp: '192.0.2.5', originatorPort: 5099 }],
    ['X-OIP: "A: B" <sips:[2001:db8::1]:5061>', { originatorIp: '[2001:db8::1]', originatorPort: 5061 }],
    ['X-OIP: sip:2001:db8::1;lr', { originatorIp: '2001:db8::1', originatorPort: 0 }],
    ['X-OIP: 192.0.2.5:x', { originatorIp: '192.0.2.5', originatorPort: 0 }],
    ['Authorization: Digest username=plain, realm="x"', { authUser: 'plain', auth: 'Digest username=plain, realm="x"' }],
    ['Authorization: Digest realm="a, username=no", username = "u\\"v@x"', { authUser: 'u\\"v' }],
    ['Authorization: Digest realm="x"', { authUser: '' }],
    ['Authorization: NoOneKnows username="u"', { authUser: '', auth: 'NoOneKnows username="u"' }],
    ['Authorization: Digestive username="u"', { authUser: '' }],
    ['P-RTP-Stat: PS=2', { rtpStat: 'PS=2' }],
    ['Subject: not: a column', { broken: [] }],
    ['no header at all', { callId: 'plain-1@a.example', broken: ['line'] }],
    [': nameless', { broken: ['line'] }],
  ])('%j', (line, expected) => expect(withHeader(line)).toMatchObject(expected));

  test('the first header of a name wins, long or compact', () => {
    expect(fieldsOf(plainRequest('OPTIONS', ['i: second', 'Call-ID: third']))).toMatchObject({ callId: 'plain-1@a.example' });
  });

  test('replies show Server where they have no User-Agent', () => {
    const reply = (headers: string[]) => fieldsOf(sipBytes('SIP/2.0 200 OK', [...plainHeaders('OPTIONS'), ...headers])).userAgent;
    expect(reply(['Server: s'])).toBe('s');
    expect(reply(['Server: s', 'User-Agent: u'])).toBe('u');
    expect(withHeader('Server: s').userAgent).toBe('');
  });

  test('folded lines keep their CRLF and space; white space around the value is trimmed', () => {
    const sip = withHeader('Reason: \r\n  SIP ;cause=200\r\n\t;text="x"  \r\n ');
    expect(sip.reason).toBe('SIP ;cause=200\r\n\t;text="x"');
    expect(sip.callId).toBe('plain-1@a.example');
  });

  test('missing headers leave empty fields and are not faults', () => {
    const sip = fieldsOf(sipBytes('OPTIONS sip:a SIP/2.0', []));
    expect(sip).toMatchObject({ fromUser: '', toTag: '', callId: '', cseq: '', via: '', contactHost: '', contentLength: -1, broken: [] });
  });
});

describe('line ends', () => {
  const wanted = fieldsOf(goldenRequest());
  const rest = Object.fromEntries(Object.entries(wanted).filter(([member]) => !['head', 'bodyAt', 'via'].includes(member)));

  test.each([
    ['LF alone', '\n'],
    ['CR alone', '\r'],
  ])('%s', (_caption, end) => {
    const payload = Buffer.from(goldenRequest().toString().replaceAll('\r\n', end));
    const sip = fieldsOf(payload);
    expect(sip).toMatchObject(rest);
    expect(payload.subarray(sip.bodyAt).toString()).toBe(`v=0${end}`);
  });

  test('mixed', () => {
    const sip = fieldsOf(
      Buffer.from('OPTIONS sip:a SIP/2.0\nFrom: sip:f@f.example;tag=1\rTo: sip:t@t.example\r\nCall-ID: c\rCSeq: 1 OPTIONS\n\r\nbody'),
    );
    expect(sip).toMatchObject({ fromUser: 'f', fromTag: '1', toUser: 't', callId: 'c', cseq: '1 OPTIONS', broken: [] });
  });

  test('leading empty lines belong to no header and shift the body', () => {
    const sip = fieldsOf(Buffer.concat([Buffer.from('\r\n\r\n'), goldenRequest()]));
    expect(sip).toMatchObject(rest);
    expect(sip.bodyAt).toBe(wanted.bodyAt + 4);
    expect(sip.head).toBe(wanted.head);
  });
});

describe('bytes that are not text', () => {
  test('UTF-8 is text', () => {
    expect(withHeader('From: "Jörg ☎" <sip:jörg@a.example>;tag=ü1')).toMatchObject({
      fromUser: 'jörg',
      fromDomain: 'a.example',
      fromTag: 'ü1',
    });
  });

  test('invalid UTF-8 and NUL become U+FFFD; offsets stay those of the bytes', () => {
    const payload = Buffer.concat([
      Buffer.from('OPTIONS sip:a\xff@b SIP/2.0\r\nCall-ID: x\0y\r\nFrom: <sip:\x80f@h>;tag=t\r\n\r\n', 'latin1'),
      Buffer.from([1, 2, 0xff]),
    ]);
    const sip = fieldsOf(payload);
    expect(sip).toMatchObject({ ruri: 'sip:a\ufffd@b', ruriUser: 'a\ufffd', callId: 'x\ufffdy', fromUser: '\ufffdf', fromTag: 't' });
    expect(sip.bodyAt).toBe(payload.length - 3);
    expect(sip.head).not.toContain('\0');
  });

  test('NUL alone', () => {
    expect(withHeader('Subject: x', 'OPTIONS').broken).toEqual([]);
    expect(withHeader('Call-ID: x\0y').callId).toBe('x\ufffdy');
  });

  test('a binary body leaves an ASCII head unchanged', () => {
    const payload = Buffer.concat([plainRequest(), Buffer.from([0, 0xff, 0x80, 13, 10, 13, 10])]);
    expect(fieldsOf(payload)).toMatchObject({ callId: 'plain-1@a.example', bodyAt: payload.length - 7 });
  });
});

describe('sizes', () => {
  test('a head beyond the initial scan is read completely', () => {
    const payload = sipBytes(
      'OPTIONS sip:a SIP/2.0',
      [...Array.from({ length: 200 }, (_, i) => `X-Filler-${i}: ${'x'.repeat(50)}`), ...plainHeaders('OPTIONS')],
      'body',
    );
    expect(fieldsOf(payload)).toMatchObject({ callId: 'plain-1@a.example', bodyAt: payload.length - 4 });
  });

  test('a start line beyond the initial scan', () => {
    expect(fieldsOf(sipBytes(`OPTIONS sip:${'a'.repeat(9000)}@h SIP/2.0`, plainHeaders('OPTIONS'))).ruriUser).toHaveLength(9000);
  });

  test('every prefix of a message: the start line decides, nothing is thrown', () => {
    const payload = goldenRequest();
    const lineEnd = payload.indexOf('\r\n');
    for (let length = 0; length <= payload.length; length++) {
      const sip = parseSip(payload.subarray(0, length));
      expect(isFault(sip)).toBe(length < lineEnd);
      if (!isFault(sip)) expect(sip.bodyAt).toBeLessThanOrEqual(length);
    }
  });

  test('a parser keeps no state of the previous message', () => {
    const parser = new SipParser();
    parser.parse(goldenRequest());
    expect(parser.parse(plainRequest())).toEqual(parseSip(plainRequest()));
    expect(parser.parse(Buffer.from('x'))).toMatchObject({ fault: 'not_sip' });
  });
});
