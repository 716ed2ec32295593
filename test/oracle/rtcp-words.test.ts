/**
 * What RTCP says of streams that are in the same capture, against what we measure of them up to that moment. In captures
 * that were made beside one of the ends:
 *
 * - sip-udp-rtcp-real-call: two phones on one network; both ends measure what we see.
 * - sip-udp-rtcp-yate: counts and losses; both ends send jitter 0 throughout, so it is not compared.
 *
 * In sip-udp-rtcp-honeynet4 the receivers lose and delay packets behind the capture point, which no capture can show.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { MediaWatch } from '../../src/lib/extract/media-watch.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import type { StreamReport } from '../../src/lib/media/index.js';
import { follow } from '../media/rig.js';
import { BACK, FORTH, START, answeredCall, datagram, rtp } from '../rigs/rtp.js';
import { readMessages } from './read-messages.js';
import { captures } from './tshark-rows.js';

interface Words {
  ssrc: number;
  sender_information?: { packets: number };
  report_blocks: { source_ssrc: number; packets_lost: number; highest_seq_no: number; jitter_ms: number | null }[];
}

/** Packets under way between the ends and the capture point, or in the buffers of the ends. */
const IN_FLIGHT = 4;
/** Milliseconds: theirs is of one moment, ours the mean so far. */
const JITTER = 3;

/** Every report with the streams as they were when it came. */
async function wordsOf(file: string): Promise<{ words: Words; streams: StreamReport[] }[]> {
  const found: { words: Words; streams: StreamReport[] }[] = [];
  const watch = new MediaWatch({ guess: false });
  class Listening extends RtcpWatch {
    override read(...args: Parameters<RtcpWatch['read']>): Message | null {
      const message = super.read(...args);
      if (message !== null) found.push({ words: JSON.parse(message.payload.toString()) as Words, streams: watch.reports() });
      return message;
    }
  }
  await readMessages([join(captures, 'files', file)], { rtcp: new Listening(watch.known), media: watch });
  return found;
}

(existsSync(captures) ? describe : describe.skip)('RTCP in shared captures', () => {
  test.each([
    ['sip-udp-rtcp-real-call.pcap', 10, 10, true],
    ['sip-udp-rtcp-yate.pcap', 40, 40, false],
  ])('%s', async (file, minSent, minReceived, hasJitter) => {
    let sent = 0;
    let received = 0;
    for (const { words, streams } of await wordsOf(file)) {
      const own = streams.find(({ ssrc }) => ssrc === words.ssrc);
      if (words.sender_information !== undefined && own !== undefined) {
        expect(Math.abs(own.expected - words.sender_information.packets)).toBeLessThanOrEqual(IN_FLIGHT);
        sent++;
      }
      for (const block of words.report_blocks) {
        const other = streams.find(({ ssrc }) => ssrc === block.source_ssrc);
        if (other === undefined) continue;
        expect(block.packets_lost).toBe(other.lost);
        expect(Math.abs(((other.highestSequence - block.highest_seq_no) << 16) >> 16)).toBeLessThanOrEqual(IN_FLIGHT);
        if (hasJitter) expect(Math.abs(other.jitterMs! - block.jitter_ms!)).toBeLessThanOrEqual(JITTER);
        received++;
      }
    }
    expect([sent >= minSent, received >= minReceived]).toEqual([true, true]);
  });
});

/** A receiver as RFC 3550 has it in appendices A.3 and A.8, in whole ticks. */
class Receiver {
  received = 0;
  highest = 0;
  jitter = 0;
  highestJitter = 0;
  private base = -1;
  private transit: number | null = null;

  add(sequence: number, timestamp: number, at: number): void {
    if (this.base < 0) this.base = sequence;
    this.highest = Math.max(this.highest, sequence);
    this.received++;
    const transit = Math.round((at * 8) / 1000) - timestamp;
    if (this.transit !== null) this.jitter += Math.abs(transit - this.transit) - ((this.jitter + 8) >> 4);
    this.transit = transit;
    this.highestJitter = Math.max(this.highestJitter, this.jitter >> 4);
  }

  block(ssrc: number): Buffer {
    const block = Buffer.alloc(24);
    block.writeUInt32BE(ssrc, 0);
    block.writeUIntBE(this.highest - this.base + 1 - this.received, 5, 3);
    block.writeUInt32BE(this.highest, 8);
    block.writeUInt32BE(this.jitter >> 4, 12);
    return block;
  }
}

test('RTCP of a receiver by the book, of a generated stream with losses and jitter', () => {
  const receiver = new Receiver();
  const frames = answeredCall();
  for (let i = 0; i < 1500; i++) {
    if (i % 13 === 4 || (i > 700 && i < 720)) continue;
    const at = START + 1e6 + i * 20_000 + ((i * 7919) % 97) * 125;
    receiver.add(100 + i, 5000 + i * 160, at - START);
    frames.push(datagram(FORTH, rtp({ sequence: 100 + i, timestamp: 5000 + i * 160, ssrc: 77 }), at));
  }
  const report = Buffer.concat([Buffer.from([0x81, 201, 0, 7]), Buffer.from([0, 0, 0, 2]), receiver.block(77)]);
  frames.push(datagram({ ...BACK, sourcePort: BACK.sourcePort + 1, destinationPort: BACK.destinationPort + 1 }, report, START + 40e6));
  const { stream, messages } = follow(frames);
  const words = JSON.parse(messages.find(({ payloadType }) => payloadType === 5)!.payload.toString()) as Words;
  expect(words.report_blocks).toMatchObject([{ source_ssrc: 77, packets_lost: stream.lost, highest_seq_no: stream.highestSequence }]);
  expect(stream.lost).toBe(132);
  expect(Math.abs(stream.maxJitterMs! - receiver.highestJitter / 8)).toBeLessThan(0.3);
});
