/** Records that a sender put into payloads are never read as records, also after damage; segments of version 1 are read up to it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  UNSALTED,
  readSegmentHeader,
  recordBytes,
  sealOf,
  segmentFileName,
  writeRecord,
  type RecordSeal,
} from '../../../src/lib/format/spool/index.js';
import { openSpool, remove, segmentFiles, temporaryDirectory } from './spool-rig.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

function record(number: number, text: string | Buffer, seal: RecordSeal): Buffer {
  const payload = Buffer.from(text as string);
  const bytes = Buffer.alloc(recordBytes(payload.length));
  writeRecord(bytes, 0, { number, type: 2, flags: 0, recordedAt: 1, payload }, seal);
  return bytes;
}

async function texts(): Promise<{ read: string[]; lost: object; damaged: object }> {
  const spool = await openSpool(directory);
  const read: string[] = [];
  for (let each = spool.read(); each !== null; each = spool.read())
    read.push(`${each.number} ${each.payload.toString('latin1').slice(0, 8)}`);
  const result = { read, lost: spool.lost.toJSON(), damaged: spool.damaged.toJSON() };
  spool.acknowledge(spool.status().nextRecord - 1);
  await spool.close();
  return result;
}

/** Appends the payloads, then spoils the checksum of record `spoiled`, whose payload begins with `forgery`. */
async function spoil(payloads: Buffer[], spoiled: number, cutTo?: number): Promise<void> {
  const spool = await openSpool(directory);
  for (const payload of payloads) spool.append(payload);
  await spool.close();
  const [file] = segmentFiles(directory);
  const bytes = readFileSync(file);
  let at = 44;
  for (let i = 0; i < spoiled; i++) at += recordBytes(payloads[i].length);
  bytes[at + 4] ^= 1;
  writeFileSync(file, bytes);
  if (cutTo !== undefined) truncateSync(file, at + cutTo);
}

test('a payload that looks like a record, of an older version or another segment, stays payload after damage', async () => {
  const forged = Buffer.concat([record(2, 'forged', UNSALTED), record(2, 'forged', sealOf(Buffer.alloc(8, 7))), Buffer.from(' the end')]);
  await spoil([Buffer.from('first'), forged, Buffer.from('third')], 1);
  expect(await texts()).toEqual({ read: ['1 first', '3 third'], lost: { spool_corrupt: 1 }, damaged: { corrupt: 1 } });
});

test('a torn record with a forged one inside is torn', async () => {
  const forged = Buffer.concat([record(2, 'forged', UNSALTED), record(3, 'forged', UNSALTED), Buffer.alloc(500)]);
  await spoil([Buffer.from('first'), forged], 1, 32 + 200);
  expect((await texts()).read).toEqual(['1 first']);
});

test('even with the salt of its segment, a number out of sequence is rejected', async () => {
  const spool = await openSpool(directory);
  spool.append(Buffer.from('first'));
  await spool.flush();
  const header = readSegmentHeader(readFileSync(segmentFiles(directory)[0]).subarray(0, 44));
  const seal = sealOf((header as { salt: Buffer }).salt);
  for (const number of [1, 7, 1000]) spool.append(record(number, 'forged', seal));
  spool.append(Buffer.from('last'));
  await spool.close();
  const [file] = segmentFiles(directory);
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(seal.marker, 45); at >= 0; at = bytes.indexOf(seal.marker, at + 1))
    if (bytes[at + 12] === 1 && bytes.readUInt32BE(at + 8) === 38) bytes[at + 4] ^= 1;
  writeFileSync(file, bytes);
  expect(await texts()).toEqual({ read: ['1 first', '5 last'], lost: { spool_corrupt: 3 }, damaged: { corrupt: 1 } });
});

test('record markers in a payload do not slow down reading', async () => {
  const forged = Buffer.alloc(4_000_000);
  for (let at = 0; at < forged.length; at += 16) {
    UNSALTED.marker.copy(forged, at);
    forged.writeUInt32BE(3_000_000, at + 8);
  }
  await spoil([Buffer.from('first'), forged, Buffer.from('third')], 1);
  const began = process.cpuUsage();
  expect((await texts()).read).toEqual(['1 first', '3 third']);
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(3);
});

/** A segment as the previous format had it. */
function version1(firstRecord: number, records: Buffer[]): Buffer {
  const header = Buffer.alloc(36);
  header.write('SIPCAPSP', 'latin1');
  header.writeUInt16BE(1, 8);
  header.writeUInt16BE(36, 10);
  header.writeBigUInt64BE(BigInt(firstRecord), 16);
  header.writeUInt32BE(crc32(header.subarray(0, 32)), 32);
  return Buffer.concat([header, ...records]);
}

test('segments of version 1 are read, and new ones are appended after them', async () => {
  const records = [1, 2, 3].map((number) => record(number, `old ${number}`, UNSALTED));
  writeFileSync(join(directory, segmentFileName(1)), version1(1, records));
  const spool = await openSpool(directory);
  spool.append(Buffer.from('new 4'));
  await spool.close();
  expect(await texts()).toEqual({ read: ['1 old 1', '2 old 2', '3 old 3', '4 new 4'], lost: {}, damaged: {} });
});

test('segments of version 1 are read up to the first damage, and set aside', async () => {
  const records = [record(1, 'old 1', UNSALTED), record(2, record(3, 'forged', UNSALTED), UNSALTED), record(3, 'old 3', UNSALTED)];
  records[1][4] ^= 1;
  writeFileSync(join(directory, segmentFileName(1)), version1(1, records));
  writeFileSync(join(directory, segmentFileName(4)), version1(4, [record(4, 'old 4', UNSALTED)]));
  expect(await texts()).toEqual({ read: ['1 old 1', '4 old 4'], lost: { spool_corrupt: 2 }, damaged: { corrupt: 1 } });
  expect(readdirSync(directory)).toContain(`${segmentFileName(1)}.damaged`);
});
