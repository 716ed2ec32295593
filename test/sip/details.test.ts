/** Minor errors of senders, which must affect nothing else. */
import { expect, test } from '@jest/globals';
import { isFault } from '../../src/lib/base/index.js';
import { parseSip, sdpOf } from '../../src/lib/sip/index.js';

function parsed(lines: readonly string[], body = '') {
  const payload = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const sip = parseSip(payload);
  if (isFault(sip)) throw new Error(sip.fault);
  return { sip, payload };
}

const HEAD = ['To: <sip:b@example.com>', 'Call-ID: c1@example.com', 'CSeq: 1 INVITE'];

test('an unclosed quote in From still gives its tag', () => {
  const { sip } = parsed(['INVITE sip:b@example.com SIP/2.0', 'From: "Alice <sip:a@example.com>;tag=88', ...HEAD]);
  expect(sip).toMatchObject({ fromTag: '88', broken: ['from'] });
});

test('urn:service:sos is not broken', () => {
  const { sip } = parsed(['INVITE urn:service:sos SIP/2.0', 'From: <sip:a@example.com>;tag=1', 'To: <urn:service:sos>', ...HEAD.slice(1)]);
  expect(sip.broken).toEqual([]);
});

test('an empty line before v=0 does not hide the session description', () => {
  const sdp = 'v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n';
  const { sip, payload } = parsed(
    ['INVITE sip:b@example.com SIP/2.0', 'From: <sip:a@example.com>;tag=1', ...HEAD, 'Content-Type: application/sdp'],
    `\r\n${sdp}`,
  );
  expect(sdpOf(sip, payload)).toBe(sdp);
});
