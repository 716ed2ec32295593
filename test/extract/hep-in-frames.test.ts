/** HEP in frames: datagrams that were compressed as a whole, and greetings. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Ledger, type Message } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { plain, u8 } from '../rigs/hep-packets.js';
import * as make from '../rigs/frames.js';

function extracted(payload: Buffer, parseHep: boolean) {
  const ledger = new Ledger();
  const messages: Message[] = [];
  const extractor = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep },
    ledger,
    () => '',
    (message) => messages.push(message) > 0,
  );
  extractor.frame(make.frame(make.ethernet(make.ETHER_IPV4, make.ipv4({}, make.udp({ destinationPort: 9060 }, payload)))));
  extractor.finish();
  return { messages, ledger };
}

test("heplify's gzip around a whole datagram is read with -E, and counted without", () => {
  const compressed = gzipSync(plain());
  expect(extracted(compressed, true).messages.map(({ sourceAddress }) => sourceAddress)).toEqual(['127.1.1.1']);
  expect(extracted(compressed, false).ledger.notes.toJSON()).toEqual({ hep_not_parsed: 1 });
});

test('gzip of other content is ignored', () => {
  const { messages, ledger } = extracted(gzipSync(Buffer.from('a log file')), true);
  expect([messages.length, ledger.rejected.total(), ledger.without.toJSON()]).toEqual([0, 0, { no_sip: 1 }]);
});

test("heplify's greeting is a packet without a message, not a rejected one", () => {
  const { ledger } = extracted(plain({ 1: u8(0), 2: u8(0), 3: null, 4: null, 11: u8(0), 15: 'HEP3\x00\x06' }), true);
  expect([ledger.rejected.total(), ledger.without.toJSON()]).toEqual([0, { hello: 1 }]);
});
