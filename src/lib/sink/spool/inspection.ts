/** Inspects a spool without changing it, also while its owner works: the backlog, its age, and damage. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { recordBytes } from '../../format/spool/index.js';
import { asUsageError } from './access.js';
import { readAcknowledged } from './acknowledged.js';
import { lockOwner } from './lock.js';
import { SegmentReader, type Damage } from './segment-reader.js';
import { listSegments } from './segments.js';
import { listSetAside } from './set-aside.js';

/** Folder of one of several processes, which holds its spools. */
const OF_PROCESS = /^child-\d+$/;

export interface SpoolReport {
  directory: string;
  /** Good records that are not acknowledged yet, and the bytes of their payloads. */
  backlogRecords: number;
  backlogBytes: number;
  /** Times of the first and the last of them, microseconds since 1970; 0 without a backlog. */
  oldestAt: number;
  newestAt: number;
  /** The position of the next record; null without a backlog. */
  next: { file: string; atByte: number; record: number } | null;
  segments: number;
  segmentBytes: number;
  /** Good records in all segments, acknowledged ones too. */
  goodRecords: number;
  damages: Damage[];
  /** Segments that were set aside because they hold damage. */
  setAside: string[];
  /** The process that uses the spool now, 0 if none or unknown, and its host. */
  ownerPid: number;
  ownerHost: string;
}

/** Reads every record and checks its checksum. */
export function inspectSpool(directory: string): SpoolReport {
  const owner = lockOwner(directory);
  const acknowledged = Math.max(0, readAcknowledged(directory));
  const report: SpoolReport = {
    directory,
    backlogRecords: 0,
    backlogBytes: 0,
    oldestAt: 0,
    newestAt: 0,
    next: null,
    segments: 0,
    segmentBytes: 0,
    goodRecords: 0,
    damages: [],
    setAside: listSetAside(directory),
    ownerPid: owner?.pid ?? 0,
    ownerHost: owner?.host ?? '',
  };
  for (const segment of listSegments(directory)) {
    report.segments++;
    report.segmentBytes += segment.bytes;
    inspectSegment(segment.path, segment.bytes, acknowledged, report);
  }
  // The owner may be in the middle of a write: an unfinished end is not torn yet.
  const { damages } = report;
  if (owner !== null && damages.length > 0 && damages[damages.length - 1].kind === 'torn') damages.pop();
  return report;
}

/** The directories of all spools below `root`, by name; `root` itself where it is one. */
export function findSpools(root: string, ofProcesses = true): string[] {
  if (isSpool(root)) return [root];
  return readdirSync(root)
    .flatMap((name) => {
      const path = join(root, name);
      if (!isFolder(path)) return [];
      if (isSpool(path)) return [path];
      return ofProcesses && OF_PROCESS.test(name) ? findSpools(path, false) : [];
    })
    .sort();
}

/** Whether the spool has segments: one without holds nothing. */
export function hasSegments(directory: string): boolean {
  return listSegments(directory).length > 0;
}

/** Also behind a symbolic link. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isSpool(directory: string): boolean {
  return listSegments(directory).length > 0 || readAcknowledged(directory) !== 0 || lockOwner(directory) !== null;
}

function inspectSegment(path: string, bytes: number, acknowledged: number, report: SpoolReport): void {
  const reader = new SegmentReader(path, (damage) => {
    if (existsSync(damage.file)) report.damages.push(damage); // else its owner has just delivered and deleted it
  });
  try {
    countRecords(reader, path, bytes, acknowledged, report);
  } catch (error) {
    if (existsSync(path)) throw asUsageError(error, 'read', path, report.directory);
  } finally {
    reader.close();
  }
}

function countRecords(reader: SegmentReader, path: string, bytes: number, acknowledged: number, report: SpoolReport): void {
  for (let record = reader.next(bytes); record !== null; record = reader.next(bytes)) {
    report.goodRecords++;
    if (record.number < acknowledged) continue;
    if (report.next === null) {
      report.next = { file: path, atByte: reader.atByte - recordBytes(record.payload.length), record: record.number };
      report.oldestAt = record.recordedAt;
    }
    report.backlogRecords++;
    report.backlogBytes += record.payload.length;
    report.newestAt = record.recordedAt;
  }
}
