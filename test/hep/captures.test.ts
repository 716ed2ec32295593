/** Single packets and captures of other implementations, decoded as their tables say. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isFault } from '../../src/lib/base/index.js';
import { HepFramer, listChunks } from '../../src/lib/hep/index.js';
import { readMessages } from '../oracle/read-messages.js';
import { captures, capturesAbsent, readRows } from '../oracle/tshark-rows.js';
import { PEER, decoder } from '../rigs/hep-packets.js';

interface Vector {
  name: string;
  hex: string;
  decoded: Record<string, number | string> & { version: number; chunk_list?: [number, number, number][] };
}

/** 2025: later than all of them. */
const RECEIVED_AT = 1_750_000_000e6;
const decode = (bytes: Buffer) => decoder().decode(bytes, 0, bytes.length, RECEIVED_AT, PEER);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** Its total length counts what the collection cut off, and its addresses are mapped ones: what is there is read. */
const CUT = 'hep3-sip3-mapped-addresses';

if (capturesAbsent || !existsSync(join(captures, 'hep-vectors.json'))) {
  test.skip('the shared captures are absent: no packets of other implementations to read', () => {});
} else {
  const { vectors } = JSON.parse(readFileSync(join(captures, 'hep-vectors.json'), 'utf8')) as { vectors: Vector[] };

  describe('packets of other implementations', () => {
    test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (name, vector) => {
      const bytes = Buffer.from(vector.hex, 'hex');
      const { decoded: logged } = vector;
      const message = decode(bytes);
      if (isFault(message)) throw new Error(message.fault);
      const seconds = Number(logged.time_sec ?? logged.time_sec_le ?? RECEIVED_AT / 1e6);
      const micros = Number(logged.time_usec ?? logged.time_usec_le ?? 0);
      expect(message).toMatchObject({
        sourceAddress: name === CUT ? '79.142.86.118' : (logged.src_ip4 ?? logged.src_ip),
        destinationAddress: name === CUT ? '212.48.197.150' : (logged.dst_ip4 ?? logged.dst_ip),
        sourcePort: logged.src_port,
        destinationPort: logged.dst_port,
        protocol: logged.ip_proto,
        family: logged.ip_family,
        payloadType: logged.proto_type ?? 1,
        captureId: logged.capture_id ?? logged.capture_id_le ?? -1,
        correlationId: logged.correlation_id ?? '',
      });
      expect(message.capturedAt).toBe(seconds * 1e6 + micros);
      expect(sha256(message.payload)).toBe(logged.payload_sha256);
      expect(message.envelope!.version).toBe(logged.version);
      if (logged.version !== 3) return;
      const chunks = listChunks(bytes);
      expect(isFault(chunks) ? chunks : chunks.map(({ vendor, id, from, to }) => [vendor, id, to - from])).toEqual(logged.chunk_list);
    });

    test('as one stream they are framed one by one', () => {
      const packets = vectors
        .filter((vector) => vector.decoded.version === 3 && vector.name !== CUT)
        .map((vector) => Buffer.from(vector.hex, 'hex'));
      const found: string[] = [];
      const stream = Buffer.concat(packets);
      const framer = new HepFramer();
      for (let at = 0; at < stream.length; at += 7) {
        framer.push(stream, at, Math.min(at + 7, stream.length), (bytes, from, to) => found.push(bytes.toString('hex', from, to)));
      }
      expect(found).toEqual(packets.map((bytes) => bytes.toString('hex')));
    });
  });

  describe('captures that carry HEP', () => {
    test.each(['hep3-udp.pcap', 'hep3-udp-compressed-sll-part1.pcapng'])('%s', async (file) => {
      const rows = readRows(`${file}.hep.tsv`);
      const { messages } = await readMessages([join(captures, 'files', file)], { parseHep: true });
      expect(messages.length).toBe(rows.length);
      expect(
        messages.map((message) =>
          [
            message.frameNumber,
            message.envelope!.peerAddress,
            message.envelope!.peerPort,
            message.envelope!.version,
            message.envelope!.bytes.length,
            message.family,
            message.protocol,
            message.sourceAddress,
            message.sourcePort,
            message.destinationAddress,
            message.destinationPort,
            message.capturedAt,
            message.payloadType,
            message.captureId,
            message.correlationId,
            message.payload.length,
            sha256(message.payload),
            sha256(message.envelope!.bytes),
          ].map(String),
        ),
      ).toEqual(
        rows.map((row) => [
          row.frame,
          row.outer_src,
          row.outer_sport,
          row.version,
          row.total_length,
          row.ip_family,
          row.ip_proto,
          row.src_ip,
          row.src_port,
          row.dst_ip,
          row.dst_port,
          String(Number(row.time_sec) * 1e6 + Number(row.time_usec)),
          row.proto_type,
          row.capture_id,
          row.correlation_id,
          row.payload_len,
          row.payload_sha256,
          row.hep_sha256,
        ]),
      );
    });
  });
}
