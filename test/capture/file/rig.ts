/** Capture files in a separate folder, and the frames that the source delivers. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type { Frame, Log } from '../../../src/lib/base/index.js';
import { CaptureFiles } from '../../../src/lib/capture/file/index.js';
import { pcap } from '../../rigs/capture-files.js';

export const GATE = { ready: async () => {} };

export class NotedLog implements Log {
  readonly lines: string[] = [];
  debug(): void {}
  info(text: string): void {
    this.lines.push(text);
  }
  warn(text: string): void {
    this.lines.push(text);
  }
  error(text: string): void {
    this.lines.push(text);
  }
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'sipcap-files-'));
}

/** A pcap whose records have these times (seconds) and contain their file and index. */
export function timed(name: string, times: readonly number[]): Buffer {
  return pcap({ records: times.map((seconds, i) => ({ seconds, fraction: 0, bytes: Buffer.from(`${name}${i}`) })) });
}

export function put(path: string, bytes: Buffer): string {
  writeFileSync(path, bytes);
  return path;
}

export interface OpenMembers {
  stdin?: Readable;
  log?: Log;
  digests?: boolean;
}

export function open(names: readonly string[], members: OpenMembers = {}): Promise<CaptureFiles> {
  return CaptureFiles.open(names, {
    stdin: members.stdin ?? new PassThrough(),
    log: members.log ?? new NotedLog(),
    digests: members.digests ?? false,
  });
}

export function textOf(frame: Frame): string {
  return frame.bytes.toString('latin1', frame.from, frame.to);
}

/** The payloads of all records in the order in which they were delivered. */
export async function payloads(files: CaptureFiles): Promise<string[]> {
  const seen: string[] = [];
  await files.start((frame) => seen.push(textOf(frame)) > 0, GATE);
  return seen;
}

export async function read(names: readonly string[], members: OpenMembers = {}): Promise<{ seen: string[]; files: CaptureFiles }> {
  const files = await open(names, members);
  return { seen: await payloads(files), files };
}
