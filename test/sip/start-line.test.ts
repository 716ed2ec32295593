import { describe, expect, test } from '@jest/globals';
import { couldBecomeSip, isStartLine, looksLikeSip } from '../../src/lib/sip/start-line.js';

const verdict = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return looksLikeSip(bytes, 0, bytes.length);
};

describe('start lines that are SIP', () => {
  test.each([
    ['a request', 'INVITE sip:a@b.example SIP/2.0\r\n'],
    ['a request whose line is all there is', 'OPTIONS sip:a SIP/2.0'],
    ['a method nobody knows, of odd token characters', "!odd-Method_1*+`.%'~ sip:a SIP/2.0\r\n"],
    ['a method in lower case', 'invite sip:a SIP/2.0\r\n'],
    ['a version in lower case', 'INVITE sip:a sip/2.0\r\n'],
    ['another version', 'OPTIONS sip:a SIP/7.0\r\n'],
    ['empty lines in front', '\r\n\r\n\nINVITE sip:a SIP/2.0\r\n'],
    ['LF alone', 'INVITE sip:a SIP/2.0\nVia: x'],
    ['CR alone', 'INVITE sip:a SIP/2.0\rVia: x'],
    ['more than one space', 'INVITE  sip:a@b.example  SIP/2.0\r\n'],
    ['tabs', 'INVITE\tsip:a\tSIP/2.0\r\n'],
    ['white space at the end', 'INVITE sip:a SIP/2.0  \t\r\n'],
    ['spaces in the URI', 'INVITE sip:a@b.example; lr SIP/2.0\r\n'],
    ['angle brackets around the URI', 'INVITE <sip:a@b.example> SIP/2.0\r\n'],
    ['a URI of another scheme', 'INVITE urn:service:sos SIP/2.0\r\n'],
    ['bytes above ASCII in the URI', 'INVITE sip:\xe9\xff@b SIP/2.0\r\n'],
    ['a very long method', `${'a'.repeat(5000)} sip:a SIP/2.0\r\n`],
    ['a very long URI', `INVITE sip:${'a'.repeat(60_000)} SIP/2.0\r\n`],
    ['a reply', 'SIP/2.0 200 OK\r\n'],
    ['a reply with an empty reason', 'SIP/2.0 100 \r\n'],
    ['a reply without a space behind the status', 'SIP/2.0 100\r\n'],
    ['a reply that ends behind its status', 'SIP/2.0 100'],
    ['a reply with two spaces', 'SIP/2.0  404 Not Found\r\n'],
  ])('%s', (_caption, text) => expect(verdict(text)).toBe(true));
});

describe('start lines that are not SIP', () => {
  test.each([
    ['nothing', ''],
    ['empty lines', '\r\n\r\n'],
    ['RTP', '\x80\x08\x1a\x2b\0\0\0\xa0\x12\x34\x56\x78'],
    ['STUN', '\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl'],
    ['DNS', 'ab\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01'],
    ['HEP', 'HEP3\0\x20\0\0\0\x01\0\x07\x02'],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: sip SIP/2.0\r\n'],
    ['an HTTP reply', 'HTTP/1.1 200 OK\r\n'],
    ['RTSP', 'OPTIONS rtsp://a RTSP/1.0\r\n'],
    ['a status of four digits', 'SIP/2.0 2000 OK\r\n'],
    ['a status of ten digits', 'SIP/2.0 4294967301 better not\r\n'],
    ['a status of two digits', 'SIP/2.0 99 OK\r\n'],
    ['a status of letters', 'SIP/2.0 abc OK\r\n'],
    ['a status stuck to the version', 'SIP/2.0200 OK\r\n'],
    ['no method', ' sip:a SIP/2.0\r\n'],
    ['a method with a byte that is no token', 'INV\x1bITE sip:a SIP/2.0\r\n'],
    ['no URI between method and version', 'INVITE SIP/2.0\r\n'],
    ['no version', 'INVITE sip:a\r\nVia: SIP/2.0/UDP a\r\n'],
    ['a version that is not a word of its own', 'INVITE sip:aSIP/2.0\r\n'],
    ['a version in the next line', 'INVITE sip:a\r\n SIP/2.0\r\n'],
    ['a header line', 'Via: SIP/2.0\r\n'],
  ])('%s', (_caption, text) => expect(verdict(text)).toBe(false));

  test('a line beyond 64 KiB', () => {
    expect(verdict(`INVITE sip:${'a'.repeat(65_536)} SIP/2.0\r\n`)).toBe(false);
  });

  test('bytes outside the range are not read', () => {
    const bytes = Buffer.from('INVITE sip:a SIP/2.0\r\n');
    expect(looksLikeSip(bytes, 0, 19)).toBe(false);
    expect(looksLikeSip(bytes, 1, bytes.length)).toBe(true);
    expect(looksLikeSip(bytes, 0, 0)).toBe(false);
  });
});

describe('one line at a time', () => {
  const lines = [
    'INVITE sip:a SIP/2.0',
    'SIP/2.0 200 OK',
    'INVITE  <sip:a>  SIP/2.0 ',
    'GET / HTTP/1.1',
    'SIP/2.0 2000 x',
    'INVITE SIP/2.0',
    '',
  ];

  test.each(lines)('the whole line and the line with its end agree: %j', (line) => {
    const bytes = Buffer.from(`${line}\r\n`);
    expect(isStartLine(bytes, 0, line.length)).toBe(looksLikeSip(bytes, 0, bytes.length));
  });

  test.each(['INVITE sip:ann@a.example;lr SIP/2.0\r', 'INVITE <sip:a> SIP/2.0', 'SIP/2.0 200 OK', 'SUBSCRIBE tel:+1 SIP/2.0'])(
    'every prefix of %j may be continued',
    (line) => {
      const bytes = Buffer.from(line);
      for (let to = 1; to <= bytes.length; to++) expect(couldBecomeSip(bytes, 0, to)).toBe(true);
    },
  );

  test.each(['GET / HT', ' INVITE', 'a b c', '\x16\x03\x01', 'SIP/2.0 OK', 'x'.repeat(1025), `INVITE sip:${'a'.repeat(65_536)}`])(
    'no SIP begins with %j',
    (text) => {
      const bytes = Buffer.from(text);
      expect(couldBecomeSip(bytes, 0, bytes.length)).toBe(false);
    },
  );
});
