/** The identity chunk: written, read, left out, and removed by an edit. */
import { describe, expect, test } from '@jest/globals';
import { AddressTextCache, NO_SEQUENCE, isFault, type Message } from '../../src/lib/base/index.js';
import { EditablePacket, HepDecoder, HepEncoder, IdentityWriter, parseChunkName, parseSet } from '../../src/lib/hep/index.js';
import { hepMessage } from '../rigs/messages.js';

const STREAM = 0xf00dcafe12345678n;
const SEQUENCE = 2 ** 52 + 5;
const PEER = { peerAddress: '127.0.0.1', peerPort: 1, localAddress: '', localPort: 0, transport: 'udp' } as const;
const CHUNK_HEX = '53430101' + '0016' + 'f00dcafe12345678' + '0010000000000005';

const encoder = (identity?: boolean) =>
  new HepEncoder({ version: 3, captureId: 1, authKey: null, captureName: '', compress: false, identity });
const encoded = (message: Message, identity?: boolean) => encoder(identity).encode(message) as Buffer;
const decoded = (packet: Buffer) => {
  const message = new HepDecoder({ addressTexts: new AddressTextCache() }).decode(packet, 0, packet.length, 0, PEER);
  if (isFault(message)) throw new Error(message.fault);
  return message;
};
const identified = () => hepMessage({ stream: STREAM, sequence: SEQUENCE });

test('vendor 0x5343, type 0x0101: stream and sequence, big-endian; the payload stays last', () => {
  const packet = encoded(identified(), true);
  expect(packet.toString('hex')).toContain(`${CHUNK_HEX}0000000f`);
  expect(decoded(packet)).toMatchObject({ stream: STREAM, sequence: SEQUENCE, envelope: { isIdentified: true } });
});

test('is the only difference to a packet without it', () => {
  const without = encoded(identified());
  const packet = encoded(identified(), true);
  expect(packet.length).toBe(without.length + 22);
  expect(packet.toString('hex').replace(CHUNK_HEX, '').slice(12)).toBe(without.toString('hex').slice(12));
  expect(decoded(without)).toMatchObject({ stream: 0n, sequence: NO_SEQUENCE, envelope: { isIdentified: false } });
});

test('a message without an identity has no chunk', () => {
  expect(encoded(hepMessage(), true)).toEqual(encoded(hepMessage()));
});

test('is left out where the packet would become too long', () => {
  const most = 65_535 - encoded(hepMessage({ payload: Buffer.alloc(0) })).length;
  const message = hepMessage({ stream: STREAM, sequence: 1, payload: Buffer.alloc(most - 21, 'x') });
  expect(encoded(message, true)).toEqual(encoded(message));
});

test('added to a packet of another node, whose bytes stay', () => {
  const packet = encoded(hepMessage());
  const whole = new IdentityWriter().appended(packet, STREAM, SEQUENCE)!;
  expect(whole.subarray(6, packet.length)).toEqual(packet.subarray(6));
  expect(decoded(whole)).toMatchObject({ stream: STREAM, sequence: SEQUENCE });
  expect(new IdentityWriter().appended(Buffer.alloc(65_530), STREAM, 1)).toBeNull();
});

describe('is ignored', () => {
  const chunk = (hex: string) => decoded(Buffer.from(encoded(identified(), true).toString('hex').replace(CHUNK_HEX, hex), 'hex'));

  test.each([
    ['with sequence 0', '534301010016f00dcafe123456780000000000000000'],
    ['with a sequence that is no safe integer', '534301010016f00dcafe123456780020000000000000'],
    ['with stream 0', '53430101001600000000000000000000000000000001'],
    ['of another type', '534301020016f00dcafe123456780010000000000005'],
  ])('%s', (_, hex) => {
    expect(chunk(hex)).toMatchObject({ stream: 0n, sequence: NO_SEQUENCE, envelope: { isIdentified: false } });
  });

  test('with another size', () => {
    const longer = new IdentityWriter().appended(encoded(hepMessage()), STREAM, 1)!;
    const wrong = Buffer.concat([longer, Buffer.alloc(1)]);
    wrong.writeUInt16BE(wrong.length, 4);
    wrong.writeUInt16BE(23, longer.length - 18);
    expect(decoded(wrong)).toMatchObject({ stream: 0n, sequence: NO_SEQUENCE });
  });
});

describe('an edit', () => {
  const edited = (edit: (packet: EditablePacket) => void) => {
    const packet = EditablePacket.read(encoded(identified(), true), 0) as EditablePacket;
    edit(packet);
    return decoded(packet.packet() as Buffer);
  };

  test('that sets a chunk removes the identity: it is another message now', () => {
    expect(edited((packet) => packet.set(parseSet('proto_type=SIP') as never))).toMatchObject({ stream: 0n, sequence: NO_SEQUENCE });
  });

  test('that deletes a chunk keeps it', () => {
    expect(edited((packet) => packet.del(parseChunkName('captagent_id') as never))).toMatchObject({ stream: STREAM });
  });

  test('may delete it', () => {
    expect(edited((packet) => packet.del(parseChunkName('0x5343:0x0101') as never))).toMatchObject({ stream: 0n });
  });
});
