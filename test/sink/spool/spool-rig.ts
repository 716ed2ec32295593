/** A spool in a temporary directory with a clock controlled by the test. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, type Clock } from '../../../src/lib/base/index.js';
import { SpoolLog, type SpoolOptions } from '../../../src/lib/sink/spool/index.js';

export class TestClock implements Clock {
  nowMicros = 1_700_000_000_000_000;
  sinceMs = 1000;
  now(): number {
    return this.nowMicros;
  }
  monotonic(): number {
    return this.sinceMs;
  }
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sipcap-spool-'));
}

export function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

export function openSpool(directory: string, options: Partial<SpoolOptions> = {}): Promise<SpoolLog> {
  return SpoolLog.open({ directory, clock: new TestClock(), log: silentLog, sync: 'never', maxBytes: 0, maxAgeSeconds: 0, ...options });
}

export function appendTexts(spool: SpoolLog, from: number, to: number, padding = 0): void {
  for (let i = from; i < to; i++) if (!spool.append(Buffer.from(`record ${i} ${'.'.repeat(padding)}`))) throw new Error('refused');
}

/** Numbers out of the texts of everything that can be read now. */
export function readTexts(spool: SpoolLog): number[] {
  const seen: number[] = [];
  for (let record = spool.read(); record !== null; record = spool.read()) seen.push(Number(record.payload.toString().split(' ')[1]));
  return seen;
}

export function segmentFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.spool'))
    .sort()
    .map((name) => join(directory, name));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
