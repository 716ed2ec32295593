import { expect, test } from '@jest/globals';
import { isFault, type SipFields } from '../../src/lib/base/index.js';
import { callIdIn, headerValue, headerValues } from '../../src/lib/sip/header-lookup.js';
import { parseSip } from '../../src/lib/sip/parse.js';
import { goldenRequest } from '../rigs/sip.js';

function parsed(payload: Buffer): SipFields {
  const sip = parseSip(payload);
  if (isFault(sip)) throw new Error(sip.fault);
  return sip;
}

test('all values of a name, in order, whatever the case', () => {
  const sip = parsed(goldenRequest());
  expect(headerValues(sip, 'REASON')).toEqual(['SIP;cause=200;text="Call completed elsewhere"', 'Q.850;cause=16']);
  expect(headerValues(sip, 'via')).toHaveLength(2);
  expect(headerValue(sip, 'Diversion')).toBe('<sip:div1@d.example>;reason=unconditional');
  expect(headerValue(sip, 'X-Absent')).toBe('');
  expect(headerValues(sip, 'INVITE sip')).toEqual([]);
});

test('compact and long names are one header', () => {
  const sip = parsed(
    Buffer.from(
      'SUBSCRIBE sip:a SIP/2.0\r\no: presence\r\nEvent : dialog\r\nSubject: x\r\ns:y\r\nk: a,\r\n b\r\nno colon\r\n\r\nEvent: body\r\n',
    ),
  );
  expect(headerValues(sip, 'event')).toEqual(['presence', 'dialog']);
  expect(headerValues(sip, 'o')).toEqual(['presence', 'dialog']);
  expect(headerValues(sip, 'S')).toEqual(['x', 'y']);
  expect(headerValue(sip, 'Supported')).toBe('a,\r\n b');
});

test('a head that ends without a line end, and lone line ends', () => {
  expect(headerValue(parsed(Buffer.from('OPTIONS sip:a SIP/2.0\nA: 1\nB: 2')), 'b')).toBe('2');
  expect(headerValue(parsed(Buffer.from('OPTIONS sip:a SIP/2.0\rA: 1\rB: 2\r\rbody')), 'A')).toBe('1');
});

test('the Call-ID read without parsing equals that of the parser', () => {
  const messages = [
    goldenRequest(),
    Buffer.from('\r\n\r\nSIP/2.0 200 OK\r\nVia: x\r\ni : short@a \r\n\r\nCall-ID: body'),
    Buffer.from('BYE sip:a SIP/2.0\nCall-ID: ä\n\n'),
    Buffer.from('OPTIONS sip:a SIP/2.0\r\nTo: x\r\n\r\nCall-ID: body'),
  ];
  for (const message of messages) expect(callIdIn(message)).toBe(parsed(message).callId);
  expect(callIdIn(Buffer.from('{"Call-ID": "x"}'))).toBe('');
  expect(callIdIn(Buffer.alloc(0))).toBe('');
});
