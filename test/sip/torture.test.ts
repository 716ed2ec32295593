import { expect, test } from '@jest/globals';
import { isFault } from '../../src/lib/base/index.js';
import { SipFramer } from '../../src/lib/sip/framing.js';
import { parseSip } from '../../src/lib/sip/parse.js';
import { tortureMessages } from './torture-messages.js';

test('all 49 messages of RFC 4475 are covered', () => {
  expect(new Set(tortureMessages.map((row) => row.name)).size).toBe(49);
});

test.each(tortureMessages.map((row) => [`${row.section} ${row.name}`, row] as const))('%s', (_caption, { payload, refused, expected }) => {
  const sip = parseSip(payload);
  if (refused) expect(sip).toMatchObject({ fault: 'not_sip' });
  else expect(sip).toMatchObject(expected);
});

test.each(tortureMessages.filter((row) => !row.refused).map((row) => [row.name, row.payload] as const))(
  'every prefix of %s is read without throwing',
  (_name, payload) => {
    const lineEnd = payload.indexOf('\r\n');
    for (let length = lineEnd; length < payload.length; length++) expect(isFault(parseSip(payload.subarray(0, length)))).toBe(false);
  },
);

test('in one stream, all messages of known length are framed completely', () => {
  const reported = tortureMessages.filter((row) => !row.refused && !['clerr', 'dblreq', 'mcl01', 'mpart01'].includes(row.name));
  const withLength = reported
    .map(({ payload }) => {
      const text = payload.toString('latin1');
      const at = text.indexOf('\r\n\r\n');
      return /^(l|content-length)\s*:/im.test(text.slice(0, at))
        ? null
        : Buffer.from(`${text.slice(0, at)}\r\nContent-Length: ${text.length - at - 4}${text.slice(at)}`, 'latin1');
    })
    .filter((payload) => payload !== null);
  expect(withLength.length).toBeGreaterThan(35);
  const found: Buffer[] = [];
  const framer = new SipFramer((payload) => found.push(payload));
  const stream = Buffer.concat(withLength);
  for (let at = 0; at < stream.length; at += 97) framer.push(stream, at, Math.min(at + 97, stream.length));
  expect(found.map((payload) => payload.toString('latin1'))).toEqual(withLength.map((payload) => payload.toString('latin1')));
});
