/**
 * A model of imports for PositionTracker: files whose records deliver messages, runs over what exists of them so far,
 * a database that stores rows and positions together or not at all, and kills in between.
 */
import type { Message, Position } from '../../src/lib/base/index.js';
import { PositionTracker } from '../../src/lib/pipeline/output/position-tracker.js';
import { hepMessage } from './messages.js';

export interface PlannedRecord {
  file: number;
  /** Number in its file, from 1. */
  frame: number;
  /** Texts of the messages that this record completes. */
  messages: {
    text: string;
    /** Index in the plan of the record from which on only the end of a read releases it, or -1. */ since: number;
  }[];
}

export interface Run {
  /** How many of the plan's records exist. */
  there: number;
  /** Killed when that many records are read; beyond `there` it runs to its end. */
  killedAt: number;
  /** Admitted messages per transaction. */
  batch: number;
}

export class ModelDatabase {
  readonly rows: string[] = [];
  readonly positions = new Map<string, Position>();
}

export function runImport(plan: readonly PlannedRecord[], files: number, { there, killedAt, batch }: Run, database: ModelDatabase): void {
  const taken = new Array<number>(files).fill(0);
  const tracker = new PositionTracker(
    taken.map((_, file) => ({ stream: String(file), resume: database.positions.get(String(file)) ?? null })),
    (file) => ({ head: `head ${file}`, frame: taken[file], bytes: taken[file] * 100, digest: `${file}:${taken[file]}` }),
  );
  let waiting: string[] = [];
  const commit = () => {
    if (waiting.length === 0) return;
    database.rows.push(...waiting);
    for (const { stream, position } of tracker.positions()) database.positions.set(stream, JSON.parse(position) as Position);
    waiting = [];
  };
  const offer = (text: string, file: number, frame: number, index: number, atEnd: boolean) => {
    if (tracker.accept(messageOf(text, frame), file, index, atEnd)) waiting.push(text);
    if (waiting.length >= batch) commit();
  };
  for (const [at, { file, frame, messages }] of plan.slice(0, there).entries()) {
    if (at === killedAt) return;
    taken[file] = frame;
    messages.forEach(({ text }, i) => offer(text, file, frame, i + 1, false));
  }
  if (killedAt <= there) return;
  for (const { messages } of plan.slice(there)) {
    for (const { text, since } of messages) if (since >= 0 && since < there) offer(text, plan[since].file, plan[since].frame, 99, true);
  }
  commit();
}

function messageOf(text: string, frame: number): Message {
  return hepMessage({ payload: Buffer.from(text), frameNumber: frame });
}
