/** Identities of a batch as text, and back. */
import { expect, test } from '@jest/globals';
import { AddressTextCache, type Message } from '../../../src/lib/base/index.js';
import { HepDecoder, HepEncoder, RepeatWindow } from '../../../src/lib/hep/index.js';
import { ReceivedIdentities, restoreIdentities } from '../../../src/lib/pipeline/output/received-identities.js';
import { LiveStream } from '../../../src/lib/pipeline/output/live-stream.js';
import { hepMessage } from '../../rigs/messages.js';

const encoder = new HepEncoder({ version: 3, captureId: 1, authKey: null, captureName: '', compress: false, identity: true });
const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });

function received(stream: bigint, sequence: number, peerAddress = '127.0.0.1'): Message {
  const packet = encoder.encode(hepMessage({ stream, sequence, payload: Buffer.from(`message ${sequence}`) })) as Buffer;
  const peer = { peerAddress, peerPort: 1, localAddress: '', localPort: 0, transport: 'tcp' } as const;
  return decoder.decode(packet, 0, packet.length, 0, peer) as Message;
}

test('runs are short, and what is restored is known again', () => {
  const identities = new ReceivedIdentities();
  const wanted: [string, bigint, number][] = [];
  const note = (stream: bigint, sequence: number, sender?: string) => {
    identities.note(received(stream, sequence, sender));
    wanted.push([sender ?? '127.0.0.1', stream, sequence]);
  };
  for (let sequence = 100; sequence < 1100; sequence++) note(5n, sequence);
  note(5n, 50);
  note(0xffffffffffffffffn, 7 * 2 ** 20 + 417, '::1');
  for (let sequence = 1100; sequence < 1200; sequence++) note(5n, sequence);
  const text = identities.take();
  expect(text.length).toBeLessThan(100);
  expect(identities.isEmpty).toBe(true);
  const window = new RepeatWindow();
  restoreIdentities(text, window);
  expect(wanted.map(([sender, stream, sequence]) => window.take(sender, stream, sequence, 0))).toEqual(wanted.map(() => 'repeat'));
  expect([window.take('127.0.0.1', 5n, 99, 0), window.take('127.0.0.1', 5n, 1200, 0), window.take('::1', 5n, 100, 0)]).toEqual([
    'new',
    'new',
    'new',
  ]);
});

test('single numbers keep the check of their content', () => {
  const identities = new ReceivedIdentities();
  identities.note(received(5n, 2 ** 20 + 1));
  const window = new RepeatWindow();
  restoreIdentities(identities.take(), window);
  expect(window.take('127.0.0.1', 5n, 2 ** 20 + 1, 1)).toBe('other');
});

test('text that is damaged restores what can be read', () => {
  const window = new RepeatWindow();
  for (const text of ['x', 'a|zz|1', 'a|1|', 'a|1|-5', 'a|1|0', 'a|1|5,!', '|||', ' ', 'a|1|zzzzzzzzzzzzzzzz'])
    expect(() => restoreIdentities(text, window)).not.toThrow();
  expect(window.take('a', 1n, 5, 0)).toBe('repeat');
});

test('batches with identities go to streams in turn; without, to one', () => {
  const live = new LiveStream(() => 1_700_000_000_000_000);
  const [plain] = live.positions();
  expect(plain).toMatchObject({ position: '' });
  const names = Array.from({ length: 257 }, (_, i) => {
    live.note(received(5n, i + 1));
    return live.positions()[0].stream;
  });
  expect(new Set(names).size).toBe(256);
  expect(names[256]).toBe(names[0]);
  const renewed = live.renew([
    [{ stream: names[3], sequence: 1, position: 'a|5|1' }],
    [{ stream: plain.stream, sequence: 4, position: '' }],
  ]);
  expect(renewed[0][0]).toMatchObject({ position: 'a|5|1' });
  expect(renewed[0][0].stream.endsWith(':3')).toBe(true);
  expect(renewed[0][0].stream).not.toBe(names[3]);
  expect(renewed[1][0].stream).not.toBe(plain.stream);
});
