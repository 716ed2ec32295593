/** Every row read alone and inside a larger buffer, truncated at every length, and (the clean ones) written and read again. */
import { describe, expect, test } from '@jest/globals';
import { isFault, type Message } from '../../src/lib/base/index.js';
import { HepEncoder } from '../../src/lib/hep/index.js';
import { PEER, RECEIVED_AT, decode, decoded, decoder, expectFault } from '../rigs/hep-packets.js';
import { CLEAN_ROWS, OLD_ROWS, PLAIN, QUIRK_ROWS, type Row } from './rows.js';

const ROWS = [...CLEAN_ROWS, ...QUIRK_ROWS, ...OLD_ROWS];
const OPTIONS = { captureId: 1, authKey: null, captureName: '', compress: false };

/** The members that rows specify. */
function logged(message: Message): typeof PLAIN {
  const {
    capturedAt,
    sourceAddress,
    sourcePort,
    destinationAddress,
    destinationPort,
    protocol,
    family,
    payloadType,
    captureId,
    captureName,
    correlationId,
    vlan,
  } = message;
  return {
    capturedAt,
    sourceAddress,
    sourcePort,
    destinationAddress,
    destinationPort,
    protocol,
    family,
    payloadType,
    payload: message.payload.toString('latin1'),
    captureId,
    captureName,
    correlationId,
    vlan,
    version: message.envelope!.version,
  };
}

const expectedOf = (row: Row) => ({ ...PLAIN, ...row.expected });

describe.each(ROWS)('$caption', (row) => {
  test('is read', () => {
    const one = decoder();
    const message = decoded(row.bytes, one);
    expect(logged(message)).toEqual(expectedOf(row));
    expect(one.counters.entries().map(([name]) => name)).toEqual(row.counted === undefined ? [] : [row.counted]);
    expect(message.envelope).toMatchObject(PEER);
  });

  test('is read the same in the middle of a larger buffer, which stays unchanged', () => {
    const large = Buffer.alloc(row.bytes.length + 30, 0xa5);
    row.bytes.copy(large, 10);
    const before = Buffer.from(large);
    const message = decoder().decode(large, 10, 10 + row.bytes.length, RECEIVED_AT, PEER);
    if (isFault(message)) throw new Error(message.fault);
    expect(logged(message)).toEqual(expectedOf(row));
    expect(large).toEqual(before);
  });

  test('truncated at any length is rejected, or shorter', () => {
    const whole = decoded(row.bytes);
    for (let length = 0; length < row.bytes.length; length++) {
      const cut = decode(row.bytes.subarray(0, length));
      if (isFault(cut)) continue;
      if (row.expected.version === 1 || row.expected.version === 2) expect(cut.payload.length).toBeLessThan(row.bytes.length);
      // A packet of version 3 may lose the end of its payload and what stood behind it; JSON without its end stays JSON.
      else if (!whole.payload.latin1Slice().startsWith(cut.payload.latin1Slice())) expect(row.bytes.includes(cut.payload)).toBe(true);
    }
  });
});

describe.each(CLEAN_ROWS)('$caption', (row) => {
  test.each([false, true])('round-trips (compressed: %s)', (compress) => {
    const first = decoded(row.bytes);
    const written = new HepEncoder({ version: 3, ...OPTIONS, compress }).encode(first);
    if (isFault(written)) throw new Error(written.fault);
    expect(logged(decoded(written))).toEqual(logged(first));
    expect(written.readUInt16BE(4)).toBe(written.length);
  });
});

describe.each([...CLEAN_ROWS, ...OLD_ROWS].filter((row) => (row.expected.payloadType ?? 1) === 1))('$caption', (row) => {
  test.each([1, 2] as const)('written as version %i keeps what that version can express', (version) => {
    const first = decoded(row.bytes);
    const written = new HepEncoder({ version, ...OPTIONS }).encode(first);
    if (isFault(written)) throw new Error(written.fault);
    const again = logged(decoded(written));
    const full = { ...logged(first), correlationId: '', vlan: -1, captureName: '', version };
    const captureId = first.captureId < 0 ? OPTIONS.captureId : first.captureId & 0xffff;
    expect(again).toEqual(version === 1 ? { ...full, capturedAt: RECEIVED_AT, captureId: -1 } : { ...full, captureId });
  });
});

test('versions 1 and 2 cannot carry other payload types', () => {
  const rtcp = decoded(CLEAN_ROWS.find((row) => row.expected.payloadType === 5)!.bytes);
  expectFault(new HepEncoder({ version: 1, ...OPTIONS }).encode(rtcp), 'not_sip');
});
