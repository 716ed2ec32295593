/** Laws of the tables: chunks, payload types, transports. */
import { describe, expect, test } from '@jest/globals';
import {
  CHUNKS,
  CHUNK_TYPES,
  PAYLOAD_TYPES,
  PROTOCOLS,
  assign,
  chunkNamed,
  chunkRow,
  isRefusal,
  parseChunkName,
  payloadTypeNumber,
  payloadTypeText,
  protocolNumber,
  protocolText,
  textOfChunk,
  vendorText,
} from '../../src/lib/hep/index.js';

const SAMPLES: Record<string, string> = {
  uint8: '17',
  uint16: '5060',
  uint32: '4000000000',
  'inet4-addr': '192.0.2.7',
  'inet6-addr': '2001:db8::7',
  'mac-addr': '02:00:00:00:00:01',
  'utf8-string': 'Grüße',
  'octet-string': '00ff',
};

describe('chunks', () => {
  test('numbers and names are unique, all ascending', () => {
    const numbers = CHUNKS.map((row) => row.id);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(new Set(CHUNKS.map((row) => row.name)).size).toBe(CHUNKS.length);
  });

  test.each(CHUNKS.map((row) => [row.name, row] as const))('%s: found by name in any case, and by number', (name, row) => {
    expect(chunkNamed(name.toUpperCase())).toBe(row);
    expect(chunkRow(row.id)).toBe(row);
    expect(CHUNK_TYPES).toContain(row.type);
    expect(row.meaning).not.toBe('');
  });

  test.each(CHUNKS.filter((row) => ![1, 2, 3, 4, 5, 6, 11, 15, 16].includes(row.id)).map((row) => [row.name, row] as const))(
    '%s: text to bytes and back',
    (name, row) => {
      const parsed = parseChunkName(name);
      if (isRefusal(parsed)) throw new Error(parsed.refused);
      const assignment = assign(parsed, SAMPLES[row.type], { force: true });
      if (isRefusal(assignment)) throw new Error(assignment.refused);
      if (row.sizes.length > 0) expect(row.sizes).toContain(assignment.data.length);
      expect(textOfChunk({ vendor: 0, id: row.id, bytes: assignment.data, from: 0, to: assignment.data.length })).toBe(SAMPLES[row.type]);
    },
  );

  test.each(CHUNK_TYPES)("a vendor's chunk as %s: text to bytes and back", (type) => {
    const parsed = parseChunkName(`3:31:${type}`);
    if (isRefusal(parsed)) throw new Error(parsed.refused);
    const assignment = assign(parsed, SAMPLES[type]);
    if (isRefusal(assignment)) throw new Error(assignment.refused);
    expect(textOfChunk({ vendor: 3, id: 31, bytes: assignment.data, from: 0, to: assignment.data.length }, type)).toBe(SAMPLES[type]);
  });
});

describe('payload types', () => {
  test('numbers and names are unique', () => {
    expect(new Set(PAYLOAD_TYPES.map((row) => row.number)).size).toBe(PAYLOAD_TYPES.length);
    const words = PAYLOAD_TYPES.flatMap((row) => [...new Set([row.name.toUpperCase(), ...row.aliases])]);
    expect(new Set(words).size).toBe(words.length);
  });

  test.each([
    ['SIP', 1],
    ['xmpp', 2],
    ['SDP', 3],
    ['RTP', 4],
    ['rtcp', 5],
    ['MGCP', 6],
    ['MEGACO', 7],
    ['M2UA', 8],
    ['M3UA', 9],
    ['IAX', 10],
    ['H322', 11],
    ['H321', 12],
    ['H323', -1],
    ['SIPX', -1],
    ['', -1],
    ['reserved', -1],
  ])('the name %s is %i', (word, number) => expect(payloadTypeNumber(word)).toBe(number));

  test.each([
    [0, 'reserved'],
    [1, 'SIP'],
    [7, 'MEGACO(H.248)'],
    [8, 'M2UA(SS7/SIGTRAN)'],
    [9, 'M3UA(SS7/SIGTRAN)'],
    [12, 'H321'],
    [14, '14'],
    [34, '34'],
    [100, '100'],
    [255, '255'],
  ])('%i is shown as %s', (number, text) => expect(payloadTypeText(number)).toBe(text));
});

describe('transports', () => {
  test.each([
    ['udp', 17],
    ['TCP', 6],
    ['tls', 22],
    ['sctp', 132],
    ['ws', 50],
    ['WSS', 50],
    ['bin', -1],
    ['udpx', -1],
  ])('the name %s is %i', (word, number) => {
    expect(protocolNumber(word)).toBe(number);
  });

  test.each([
    [17, 'udp'],
    [50, 'ws'],
    [0, '0'],
    [99, '99'],
  ])('%i is shown as %s', (number, text) => expect(protocolText(number)).toBe(text));

  test('every name maps to its number', () => {
    for (const row of PROTOCOLS) expect(protocolNumber(row.name)).toBe(row.number);
  });
});

test('vendors', () => expect([0, 3, 8, 9].map(vendorText)).toEqual(['generic', 'OpenSIPS', 'Genesys', '9']));
