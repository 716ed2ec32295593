/** A request and a reply that scripts read. */
import { Recording, messageOf } from './recording.js';

export const BODY = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n';

export const REQUEST = [
  'INVITE sip:bob@b.example:5070;transport=tcp SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK0',
  'From: "Alice" <sip:alice@a.example>;tag=f1',
  'To: Bob <sip:bob@b.example>',
  'Contact: "A" <sip:alice@10.0.0.1:5062;lr>;expires=60;q=0.3',
  'Call-ID: call-1',
  'CSeq: 7 INVITE',
  'P-Asserted-Identity: <sip:1000@a.example>',
  'P-Preferred-Identity: "P" <sip:2000@p.example>',
  'Remote-Party-ID: <sip:3000@a.example>;party=calling',
  'Diversion: <sip:4000@a.example>;reason=busy',
  'Proxy-Authorization: Digest username="u@x.example", realm="r.example", nonce="n1", uri="sip:b.example", response="0"',
  'User-Agent: phone/1',
  'Content-Type: application/sdp',
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n');

export const request = () => new Recording(messageOf(REQUEST));
