/**
 * The RTP streams of every shared capture against `tshark -q -n -z rtp,streams` (4.0.17; its table is rtp-streams.tsv):
 * packets, loss, largest delta and largest jitter. Where the figures differ it is listed, with the reason; a difference
 * that is not listed is a failure, and so is a listed one that no longer shows.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MediaWatch } from '../../src/lib/extract/media-watch.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import type { StreamReport } from '../../src/lib/media/index.js';
import { DIFFERENCES } from './rtp-differences.js';
import { readMessages } from './read-messages.js';
import { captures } from './tshark-rows.js';

const [header, ...lines] = readFileSync(join(import.meta.dirname, 'rtp-streams.tsv'), 'utf8')
  .trimEnd()
  .split('\n');
const names = header.split('\t');
const rows = lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])));
/** All captures: where tshark finds no stream, neither may we, unless it is listed. */
const files = existsSync(captures) ? readdirSync(join(captures, 'files')).filter((file) => /\.pcap(?:ng)?(?:\.gz)?$/.test(file)) : [];

/** Milliseconds: tshark has three digits, and sums in another order. */
const TOLERANCE = 0.0021;

const keyOf = (source: string, sourcePort: string | number, destination: string, destinationPort: string | number, ssrc: string) =>
  `${source} ${sourcePort} ${destination} ${destinationPort} ${ssrc}`;
const ssrcText = (ssrc: number) => `0x${ssrc.toString(16).padStart(8, '0')}`;

function differencesOf(row: Record<string, string>, report: StreamReport | undefined): string[] {
  if (report === undefined) return ['missing'];
  const found: string[] = [];
  const exactly = (name: string, ours: number, theirs: number) => {
    if (ours !== theirs) found.push(`${name} ${ours} for ${theirs}`);
  };
  const nearly = (name: string, ours: number, theirs: number) => {
    if (Math.abs(ours - theirs) > TOLERANCE) found.push(`${name} ${ours} for ${theirs}`);
  };
  exactly('packets', report.packets, Number(row.packets));
  exactly('lost', report.lost, Number(row.lost));
  nearly('max_delta', report.maxDeltaMs, Number(row.max_delta));
  nearly('max_jitter', report.maxJitterMs ?? 0, Number(row.max_jitter));
  return found;
}

(existsSync(captures) ? describe : describe.skip)('RTP streams as tshark has them', () => {
  test('every capture of the table is there', () => {
    expect(rows.filter(({ file }) => !files.includes(file))).toEqual([]);
  });

  test.each(files)('%s', async (file) => {
    const watch = new MediaWatch({ guess: true });
    await readMessages([join(captures, 'files', file)], { rtcp: new RtcpWatch(watch.known), media: watch });
    const reports = new Map<string, StreamReport>();
    for (const report of watch.reports()) {
      const { sourceAddress, sourcePort, destinationAddress, destinationPort, ssrc } = report;
      reports.set(keyOf(sourceAddress, sourcePort, destinationAddress, destinationPort, ssrcText(ssrc)), report);
    }
    const found: Record<string, string[]> = {};
    for (const row of rows.filter((each) => each.file === file)) {
      const key = keyOf(row.source, row.source_port, row.destination, row.destination_port, row.ssrc);
      const differences = differencesOf(row, reports.get(key));
      reports.delete(key);
      if (differences.length > 0) found[key] = differences;
    }
    for (const [key, { packets }] of reports) found[key] = [`extra: ${packets} packets`];
    const known = Object.fromEntries(
      DIFFERENCES.filter((each) => each.file === file).map(({ stream, differences }) => [stream, differences]),
    );
    expect(found).toEqual(known);
  });
});
