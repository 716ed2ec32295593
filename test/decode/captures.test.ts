/** Real captures, if present beside the project: nothing throws, and the datagrams with SIP are those that tshark found. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { FrameDecoder, printFrame } from '../../src/lib/decode/index.js';
import { readerFor, sniff } from '../../src/lib/format/index.js';

const CAPTURES = resolve(import.meta.dirname, '../../../shared/captures');

/** Messages whose datagram goes on behind what Content-Length says: tshark's digest is of the shorter part. */
const LONGER_THAN_CONTENT_LENGTH: Record<string, number> = {
  'sip-udp-compact-form.pcap': 1,
  'sip-udp-header-multi-value.pcap': 1,
  'sip-udp-sdp.pcap': 2,
  'sip-udp-vlan-fuzzed-c.pcap': 2,
  'sip-udp-vlan-fuzzed-d.pcap': 1,
};

interface Seen {
  /** Digest, time, frame, addresses and VLAN of each datagram. */
  datagrams: Set<string>;
  /** Text of the streams by their ends. */
  streams: Map<string, string>;
}

function decodeFile(file: string): Seen {
  const bytes = readFileSync(join(CAPTURES, 'files', file));
  const reader = readerFor(sniff(bytes));
  const seen: Seen = { datagrams: new Set(), streams: new Map() };
  if (reader === null) return seen;
  const decoder = new FrameDecoder({
    datagram: (packet) => {
      const digest = createHash('sha256').update(packet.bytes.subarray(packet.from, packet.to)).digest('hex');
      const time = `${Math.floor(packet.capturedAt / 1e6)}.${String(packet.capturedAt % 1e6).padStart(6, '0')}`;
      const ends = `${packet.sourceAddress()} ${packet.sourcePort} ${packet.destinationAddress()} ${packet.destinationPort}`;
      seen.datagrams.add(
        [digest, time, packet.frame.number, ends, packet.outerSource(), packet.outerDestination(), packet.vlan < 0 ? '' : packet.vlan].join(
          ' ',
        ),
      );
    },
    stream: (packet) => {
      const ends = `${packet.sourceAddress()} ${packet.sourcePort} ${packet.destinationAddress()} ${packet.destinationPort}`;
      return {
        push: (data, from, to) => {
          seen.streams.set(ends, (seen.streams.get(ends) ?? '') + data.latin1Slice(from, to));
          return true;
        },
        gap() {},
        end() {},
      };
    },
  });
  const frame: Frame = { linkType: 0, bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  reader.push(bytes);
  while (reader.next(frame)) {
    decoder.decode(frame);
    printFrame(frame);
  }
  decoder.finish();
  return seen;
}

if (!existsSync(CAPTURES)) {
  test.skip('the shared captures are absent: nothing to decode', () => {});
} else {
  describe('captures', () => {
    test.each(readdirSync(join(CAPTURES, 'files')).filter((file) => /\.pcap(ng)?$/.test(file)))('%s', (file) => {
      const { datagrams, streams } = decodeFile(file);
      const table = join(CAPTURES, 'oracle', `${file}.tsv`);
      if (!existsSync(table)) return;
      const [header, ...lines] = readFileSync(table, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      const names = header.split('\t');
      let missing = 0;
      for (const line of lines) {
        const cells = line.split('\t');
        const row = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
        if (row.in_icmp_quote === '1') continue;
        const ends = `${row.src_ip} ${row.src_port} ${row.dst_ip} ${row.dst_port}`;
        const known =
          row.transport === 'udp'
            ? datagrams.has(
                [row.msg_sha256, row.time_epoch.slice(0, -3), row.frame, ends, row.outer_src_ip, row.outer_dst_ip, row.vlan].join(' '),
              )
            : row.transport === 'tcp' && !file.includes('websocket')
              ? streams.get(ends)?.includes(row.start_line) === true
              : streams.has(ends);
        if (!known) missing++;
      }
      expect(missing).toBe(LONGER_THAN_CONTENT_LENGTH[file] ?? 0);
    });
  });
}
