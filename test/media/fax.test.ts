/** T.38: counted where it was announced, and never taken for RTP. */
import { describe, expect, test } from '@jest/globals';
import { udptlRepeats } from '../../src/lib/media/fax-table.js';
import { faxLine } from '../../src/lib/media/index.js';
import { BACK, CALLEE, CALLER, FORTH, INVITE, START, answeredCall, datagram, sdp, signal, stream } from '../rigs/rtp.js';
import { follow } from './rig.js';

/** With the packets before it, as redundancy. */
function udptl(sequence: number, repeated = 1): Buffer {
  const primary = Buffer.from([0x06, 0xc0, sequence & 255, 1, 2, 3]);
  const element = Buffer.concat([Buffer.from([primary.length]), primary]);
  return Buffer.concat([
    Buffer.from([sequence >> 8, sequence & 255]),
    element,
    Buffer.from([0, repeated]),
    ...Array(repeated).fill(element),
  ]);
}

const IMAGE = 'm=image PORT udptl t38\r\n';
const toFax = [
  signal(INVITE, { at: 5, body: sdp(CALLER, IMAGE), toTag: 'bt1', cseq: '2 INVITE' }),
  signal('SIP/2.0 200 OK', { at: 5.2, body: sdp(CALLEE, IMAGE), toTag: 'bt1', cseq: '2 INVITE' }),
];
const fax = (numbers: readonly number[], path = FORTH, at = 6) =>
  numbers.map((number, i) => datagram(path, udptl(number), START + at * 1e6 + i * 40_000));
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('UDPTL', () => {
  test('after audio on the same ports: packets, losses, and what redundancy made good', () => {
    const { watch, streams } = follow([
      ...answeredCall(),
      ...stream({ packets: 100 }),
      ...toFax,
      ...fax(numbers(50).filter((n) => n !== 20 && n !== 30 && n !== 31)),
      ...fax(numbers(40), BACK),
    ]);
    expect(watch.faxesOf('call-1')).toMatchObject([
      { source: '192.0.2.1:4000', destination: '192.0.2.2:6000', packets: 47, lost: 3, recovered: 2, startedAt: START + 6e6 },
      { source: '192.0.2.2:6000', packets: 40, lost: 0, recovered: 0 },
    ]);
    expect(streams).toMatchObject([{ packets: 100, lost: 0 }]);
    expect(faxLine(watch.faxesOf('call-1')[0], START)).toBe(
      'T.38 192.0.2.1:4000 -> 192.0.2.2:6000: 47 packets, 3 lost, 2 of them repeated in later ones, 6.0 s to 7.8 s into the call',
    );
    watch.release('call-1');
    expect(watch.faxesOf('call-1')).toEqual([]);
  });

  test('sequence numbers that look like the version of RTP make no streams', () => {
    const { watch, streams } = follow([...answeredCall(), ...toFax, ...fax(numbers(200, 0x7fc0))]);
    expect(watch.faxesOf('call-1')).toMatchObject([{ packets: 200, lost: 0 }]);
    expect(streams).toEqual([]);
  });

  test('not where no description announces it', () => {
    const { watch, ledger } = follow([...answeredCall(), ...fax(numbers(50))]);
    expect(watch.faxesOf('call-1')).toEqual([]);
    expect(ledger.without.toJSON()).toEqual({ no_sip: 50 });
  });

  test('its form: every cut and extension is none', () => {
    const whole = udptl(3, 2);
    expect(udptlRepeats(whole, 0, whole.length)).toBe(2);
    for (let to = 0; to < whole.length; to++) expect(udptlRepeats(whole, 0, to)).toBe(-1);
    expect(udptlRepeats(Buffer.concat([whole, Buffer.from([1])]), 0, whole.length + 1)).toBe(-1);
    const parity = Buffer.from([0, 3, 2, 9, 9, 0x80, 1, 3, 0]);
    expect(udptlRepeats(parity, 0, parity.length)).toBe(0);
  });
});
