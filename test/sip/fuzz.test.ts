/** Noise with a fixed seed: nothing throws, nothing runs away, and the results match the bytes. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFault } from '../../src/lib/base/index.js';
import { SipFramer } from '../../src/lib/sip/framing.js';
import { SipParser } from '../../src/lib/sip/parse.js';
import { looksLikeSip } from '../../src/lib/sip/start-line.js';
import { goldenRequest } from '../rigs/sip.js';
import { tortureMessages } from './torture-messages.js';

const parser = new SipParser();
const originals = [goldenRequest(), ...tortureMessages.map((row) => row.payload)];

/** What is wrong with how the payload is read, '' where nothing is. */
function complaint(payload: Buffer): string {
  const sip = parser.parse(payload);
  if (isFault(sip) === looksLikeSip(payload, 0, payload.length)) return 'the parser and the quick look disagree';
  if (isFault(sip)) return '';
  if (sip.bodyAt > payload.length) return 'the body begins outside';
  if (sip.contactPort > 65_535 || sip.originatorPort > 65_535) return 'a port is too large';
  return Object.values(sip).some((value) => typeof value === 'string' && value.includes('\0')) ? 'a NUL got through' : '';
}

function holds(payload: Buffer): void {
  const wrong = complaint(payload);
  if (wrong !== '') throw new Error(wrong);
}

test('damaged messages', () => {
  const damage = fc.record({
    which: fc.nat(originals.length - 1),
    changes: fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    cut: fc.nat(1500),
  });
  fc.assert(
    fc.property(damage, ({ which, changes, cut }) => {
      const payload = Buffer.from(originals[which]);
      for (const [at, byte] of changes) payload[at % payload.length] = byte;
      holds(payload.subarray(0, cut));
    }),
    { seed: 31, numRuns: 3000 },
  );
});

test('start lines followed by anything', () => {
  const start = fc.constantFrom('INVITE sip:a@b SIP/2.0\r\n', 'SIP/2.0 200 OK\r\n', '\r\nBYE tel:1 SIP/2.0\r');
  const piece = fc.constantFrom(
    'From',
    'To',
    'Via',
    'm',
    'i',
    'X-OIP',
    'Authorization',
    ':',
    '"',
    '\\',
    '<',
    '>',
    'sip:',
    'tel:',
    '@',
    '[',
    ']',
    ';tag=',
    ',',
    '=',
    'Digest username=',
    '\r\n',
    '\r',
    '\n',
    ' ',
    '\t',
    '\0',
    '\xff',
    '9',
    'a',
  );
  fc.assert(
    fc.property(start, fc.array(piece, { maxLength: 60 }), (line, pieces) => holds(Buffer.from(line + pieces.join(''), 'latin1'))),
    { seed: 32, numRuns: 5000 },
  );
});

test('streams of damaged messages: all bytes are accounted for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(originals.length - 1), fc.nat(900), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      (parts, size) => {
        const stream = Buffer.concat(
          parts.map(([which, at, byte]) => {
            const copy = Buffer.from(originals[which]);
            copy[at % copy.length] = byte;
            return copy;
          }),
        );
        let bytes = 0;
        const framer = new SipFramer((payload) => {
          bytes += payload.length;
          if (!looksLikeSip(payload, 0, payload.length)) throw new Error('a message that is no SIP');
        });
        for (let at = 0; at < stream.length; at += size) framer.push(stream, at, Math.min(at + size, stream.length));
        framer.end();
        const { framed, skipped, givenUp } = framer.losses.bytes;
        expect(framed + skipped + givenUp).toBe(stream.length);
        expect(bytes).toBeLessThanOrEqual(framed);
      },
    ),
    { seed: 33, numRuns: 500 },
  );
});
