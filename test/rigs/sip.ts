/** SIP messages for tests: generated here, with documentation addresses. */

/** Joins lines with CRLF, ends the head and appends the body. */
export function sipText(startLine: string, headers: readonly string[], body = ''): string {
  return [startLine, ...headers, '', body].join('\r\n');
}

export function sipBytes(startLine: string, headers: readonly string[], body = ''): Buffer {
  return Buffer.from(sipText(startLine, headers, body), 'utf8');
}

/** The headers that every message has. */
export function plainHeaders(method: string): string[] {
  return [
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKplain',
    'From: "Ann" <sip:ann@a.example>;tag=at1',
    'To: <sip:ben@b.example>',
    'Call-ID: plain-1@a.example',
    `CSeq: 7 ${method}`,
    'Max-Forwards: 70',
  ];
}

export function plainRequest(method = 'OPTIONS', more: readonly string[] = [], body = ''): Buffer {
  return sipBytes(
    `${method} sip:ben@b.example SIP/2.0`,
    [...plainHeaders(method), ...more, `Content-Length: ${Buffer.byteLength(body)}`],
    body,
  );
}

/** The message of the golden row: every column that a header can fill is filled. */
export function goldenRequest(): Buffer {
  return sipBytes(
    'INVITE sip:bob:secret@example.com:5061;user=phone SIP/2.0',
    [
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone;rport, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKtwo',
      'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKthree',
      'From: "Alice" <sip:alice@a.example>;tag=ft1',
      'To: <sip:bob@b.example>',
      'Call-ID: golden-1@a.example',
      'CSeq: 1 INVITE',
      'Contact: <sip:alice@10.1.1.1:5062;transport=udp>, <sip:x@y>',
      'P-Asserted-Identity: <sip:+123@pai.example>',
      'P-Preferred-Identity: <sip:+999@ppi.example>',
      'Proxy-Authorization: Digest realm="r, s", username="auser@realm", uri="sip:example.com", response="0"',
      'Authorization: Digest username="other"',
      'Diversion: <sip:div1@d.example>;reason=unconditional',
      'Diversion: <sip:div2@d.example>',
      'Reason: SIP;cause=200;text="Call completed elsewhere"',
      'Reason: Q.850;cause=16',
      'X-CID: aleg-1',
      'X-OIP: 192.0.2.5:5099',
      'X-RTP-Stat: PS=1',
      'P-RTP-Stat: PS=2',
      'User-Agent: Golden Phone 1.0',
      'Server: not asked in requests',
      'Content-Type: application/sdp',
      'Content-Length: 5',
    ],
    'v=0\r\n',
  );
}
