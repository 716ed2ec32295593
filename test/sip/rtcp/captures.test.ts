/** Every RTCP packet of the captures against tshark's output; differences are listed with their reason. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FrameDecoder } from '../../../src/lib/decode/index.js';
import { readerFor, sniff } from '../../../src/lib/format/index.js';
import { decodeRtcp } from '../../../src/lib/sip/rtcp/compound.js';
import type { RtcpCompound, RtcpPacket } from '../../../src/lib/sip/rtcp/packets.js';
import { captures, capturesAbsent, readRows, type Row } from '../../oracle/tshark-rows.js';

const KNOWN: readonly (readonly [RegExp, RegExp, string])[] = [
  [
    /^webrtc-(8|19)\.rtcp/,
    /^(fault|rtcp\.pt|rtcp\.length)$/,
    'packet type 195 (RFC 5450), which tshark does not know: for us a packet of another type',
  ],
  [/^webrtc-25\.rtcp/, /^(fault|rtcp\.sdes\.type)$/, 'the last chunk has no end, nor any item: broken for tshark, an empty chunk for us'],
  [
    /^webrtc-(16|27|32|56)\.rtcp|^webrtc-crash-(7257|75a5|85b6|16b8)/,
    /^rtcp\./,
    'broken: tshark shows the header of the packet at which both stop',
  ],
];

const hex = (ssrc: number) => `0x${ssrc.toString(16).padStart(8, '0')}`;

/** The columns of the tables, made of ours in the order in which tshark meets the fields. */
function columnsOf({ packets, fault }: RtcpCompound, wire: Buffer): Record<string, string> {
  const lists = new Map<string, (string | number)[]>();
  const add = (column: string, value: string | number) => lists.set(column, [...(lists.get(column) ?? []), value]);
  let at = 0;
  for (const packet of packets) {
    add('rtcp.pt', wire[at + 1]);
    add('rtcp.length', wire.readUInt16BE(at + 2));
    at += 4 + wire.readUInt16BE(at + 2) * 4;
    describePacket(packet, add);
  }
  const columns: Record<string, string> = { fault: String(fault !== null) };
  for (const [column, values] of lists) columns[column] = values.join(';');
  return columns;
}

function describePacket(packet: RtcpPacket, add: (column: string, value: string | number) => void): void {
  if (packet.kind === 'sr' || packet.kind === 'rr' || packet.kind === 'feedback' || packet.kind === 'xr')
    add('rtcp.senderssrc', hex(packet.ssrc));
  if (packet.kind === 'sr') {
    add('rtcp.timestamp.ntp.msw', packet.ntpSeconds);
    add('rtcp.timestamp.ntp.lsw', packet.ntpFraction);
    add('rtcp.timestamp.rtp', packet.rtpTimestamp);
    add('rtcp.sender.packetcount', packet.packets);
    add('rtcp.sender.octetcount', packet.octets);
  }
  if (packet.kind === 'sr' || packet.kind === 'rr') {
    add('rtcp.rc', packet.blocks.length);
    for (const block of packet.blocks) {
      add('rtcp.ssrc.identifier', hex(block.source));
      add('rtcp.ssrc.fraction', block.fractionLost);
      add('rtcp.ssrc.cum_nr', block.packetsLost);
      add('rtcp.ssrc.ext_high', block.highestSequence);
      add('rtcp.ssrc.jitter', block.jitter);
      add('rtcp.ssrc.lsr', block.lastSr);
      add('rtcp.ssrc.dlsr', block.delaySinceLastSr);
    }
  }
  if (packet.kind === 'sdes') {
    for (const chunk of packet.chunks) {
      add('rtcp.ssrc.identifier', hex(chunk.source));
      for (const item of chunk.items) {
        add('rtcp.sdes.type', item.type);
        if (item.text !== '') add('rtcp.sdes.text', item.text);
      }
      add('rtcp.sdes.type', 0);
    }
  }
  if (packet.kind === 'bye') {
    for (const source of packet.sources) add('rtcp.ssrc.identifier', hex(source));
    if (packet.reason !== '') add('rtcp.sdes.text', packet.reason);
  }
  if (packet.kind === 'xr') describeBlocks(packet.blocks, add);
}

function describeBlocks(
  blocks: Extract<RtcpPacket, { kind: 'xr' }>['blocks'],
  add: (column: string, value: string | number) => void,
): void {
  for (const block of blocks) {
    add('rtcp.xr.bt', block.blockType);
    if ('source' in block) add('rtcp.ssrc.identifier', hex(block.source));
    if ('beginSequence' in block) {
      add('rtcp.xr.beginseq', block.beginSequence);
      add('rtcp.xr.endseq', block.endSequence);
    }
    if ('entries' in block) {
      for (const entry of block.entries) {
        add('rtcp.ssrc.identifier', hex(entry.source));
        add('rtcp.xr.lrr', entry.lastRr);
        add('rtcp.xr.dlrr', entry.delaySinceLastRr);
      }
    }
    if ('hops' in block) {
      if (block.lost !== null) add('rtcp.xr.stats.lost', block.lost);
      if (block.duplicates !== null) add('rtcp.xr.stats.dups', block.duplicates);
      if (block.jitter !== null) {
        add('rtcp.xr.stats.minjitter', block.jitter.minimum);
        add('rtcp.xr.stats.maxjitter', block.jitter.maximum);
        add('rtcp.xr.stats.meanjitter', block.jitter.mean);
      }
    }
    if ('rFactor' in block) {
      add('rtcp.ssrc.fraction', block.lossRate);
      add('rtcp.xr.voipmetrics.burstdensity', block.burstDensity);
      add('rtcp.xr.voipmetrics.rtdelay', block.roundTripDelay);
      add('rtcp.xr.voipmetrics.moslq', block.mosListening / 10);
      add('rtcp.xr.voipmetrics.moscq', block.mosConversational / 10);
    }
  }
}

const COLUMNS = [
  'rtcp.pt',
  'rtcp.rc',
  'rtcp.length',
  'rtcp.senderssrc',
  'rtcp.timestamp.ntp.msw',
  'rtcp.timestamp.ntp.lsw',
  'rtcp.timestamp.rtp',
  'rtcp.sender.packetcount',
  'rtcp.sender.octetcount',
  'rtcp.ssrc.identifier',
  'rtcp.ssrc.fraction',
  'rtcp.ssrc.cum_nr',
  'rtcp.ssrc.ext_high',
  'rtcp.ssrc.jitter',
  'rtcp.ssrc.lsr',
  'rtcp.ssrc.dlsr',
  'rtcp.sdes.type',
  'rtcp.sdes.text',
  'rtcp.xr.bt',
  'rtcp.xr.voipmetrics.burstdensity',
  'rtcp.xr.voipmetrics.moslq',
  'rtcp.xr.voipmetrics.moscq',
  'rtcp.xr.voipmetrics.rtdelay',
  'rtcp.xr.stats.minjitter',
  'rtcp.xr.stats.maxjitter',
  'rtcp.xr.stats.meanjitter',
  'rtcp.xr.stats.lost',
  'rtcp.xr.stats.dups',
  'rtcp.xr.beginseq',
  'rtcp.xr.endseq',
  'rtcp.xr.lrr',
  'rtcp.xr.dlrr',
];

const seen = new Set<string>();

function complaints(name: string, row: Row, payload: Buffer): string[] {
  const ours = columnsOf(decodeRtcp(payload, 0, payload.length), payload);
  const isRtcp = (row.protocols ?? row['frame.protocols']).endsWith(':rtcp');
  const theirs: Record<string, string> = { ...row, fault: String(!isRtcp || row['_ws.malformed'] !== '') };
  const differing = ['fault', ...COLUMNS].filter((column) => column in theirs && (ours[column] ?? '') !== theirs[column]);
  return differing.flatMap((column) => {
    const known = KNOWN.find(([file, columns]) => file.test(name) && columns.test(column));
    if (known === undefined) return [`${name} ${column}: tshark '${theirs[column]}', ours '${ours[column] ?? ''}'`];
    seen.add(known[2]);
    return [];
  });
}

/** Payloads of a capture file by frame number. */
function datagramsOf(file: string): Map<number, Buffer> {
  const bytes = readFileSync(file);
  const reader = readerFor(sniff(bytes));
  if (reader === null) throw new Error(`${file} is no capture file`);
  reader.push(bytes);
  const datagrams = new Map<number, Buffer>();
  const frame = { linkType: 0, bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  const decoder = new FrameDecoder({
    datagram: (packet) => void datagrams.set(frame.number, packet.bytes.subarray(packet.from, packet.to)),
    stream: () => null,
  });
  while (reader.next(frame)) decoder.decode(frame);
  return datagrams;
}

if (capturesAbsent) {
  test.skip('the shared captures are absent: nothing to compare with tshark', () => {});
} else {
  describe('the same RTCP as tshark', () => {
    const tables = readdirSync(join(captures, 'oracle')).filter((name) => name.endsWith('.rtcp.tsv'));

    test.each(tables)('%s', (table) => {
      const datagrams = datagramsOf(join(captures, 'files', table.replace('.rtcp.tsv', '')));
      const rows = readRows(table).filter((row) => row['frame.protocols'].endsWith(':rtcp') && !row['frame.protocols'].includes('icmp'));
      const found = rows.flatMap((row) => {
        const payload = datagrams.get(Number(row['frame.number']));
        return payload === undefined ? [`${table} ${row['frame.number']}: no datagram`] : complaints(table, row, payload);
      });
      expect(found).toEqual([]);
    });

    test('single compounds', () => {
      const file = (name: string) => join(captures, 'files/rtcp-raw', name);
      expect(
        readRows('rtcp-raw.tsv').flatMap((row) =>
          existsSync(file(row.file)) ? complaints(row.file, row, readFileSync(file(row.file))) : [`${row.file}: absent`],
        ),
      ).toEqual([]);
    });

    test('every listed difference occurs', () => {
      expect(KNOWN.map((known) => known[2]).filter((reason) => !seen.has(reason))).toEqual([]);
    });
  });
}
