/** Capture files and standard input: one stream of frames in time order, each message once. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UsageError, type Environment, type Frame, type Ledger } from '../../base/index.js';
import { CaptureFiles } from '../../capture/file/index.js';
import type { Database } from '../output/database-output.js';
import { PositionTracker, type FileProgress } from '../output/position-tracker.js';
import type { FrameSelection, RunSource, SourceIntake } from '../source.js';

/** Messages between two yields to the event loop: each reply of a database waits for one, and a batch needs many replies. */
const TURN_MESSAGES = 10;

export interface CaptureFileOptions {
  /** Paths and globs; `-` is standard input. */
  files: readonly string[];
  selection: FrameSelection;
  /** The output file, which must not be one of these. */
  write: string | undefined;
  /** Keep digests of what was read, for positions in a database. */
  digests: boolean;
}

export class CaptureFileSource implements RunSource {
  readonly kind = 'files';
  readonly unit = 'packets';
  readonly isLive = false;
  private files!: CaptureFiles;
  private tracker: PositionTracker | null = null;
  private isStopped = false;
  private names: readonly string[] = [];

  constructor(
    private readonly options: CaptureFileOptions,
    private readonly env: Environment,
  ) {}

  async open(): Promise<void> {
    const { files, write, digests } = this.options;
    refuseOverwriting(files, write);
    this.files = await CaptureFiles.open(files, { stdin: this.env.stdin, log: this.env.log, digests });
    this.names = this.files.names;
  }

  /** Resumes each file where it stopped. `settings`: everything that decides which messages are stored. */
  async resume(database: Database, settings: string, again: boolean): Promise<FileProgress> {
    const { files } = this;
    const tracker = new PositionTracker(await database.filePositions(files, settings, again), (index) => files.positionOf(index));
    this.tracker = tracker;
    return tracker;
  }

  async read(intake: SourceIntake): Promise<void> {
    const { tracker, files } = this;
    let found = 0;
    const frames = intake.frames({ ...this.options.selection, streams: files.streams }, (...message) => {
      found++;
      return tracker === null || tracker.accept(...message);
    });
    if (tracker === null) await files.start((frame) => frames.frame(frame), intake);
    else {
      // The database's thread must not wait for our decoding: the loop yields every few messages.
      let next = TURN_MESSAGES;
      const gate = {
        ready: async () => {
          await intake.ready();
          await setImmediate();
          next = found + TURN_MESSAGES;
        },
      };
      await files.start((frame: Frame) => frames.frame(frame) && found < next, gate);
    }
    if (!this.isStopped) await frames.finish();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.files.stop();
  }

  async updateLosses(ledger: Ledger): Promise<void> {
    const completed = this.tracker?.completedLater ?? 0;
    if (completed > this.noted) ledger.notes.add('completed_later', completed - this.noted);
    this.noted = completed;
  }
  private noted = 0;

  fileNames(): readonly string[] {
    return this.names;
  }

  inputs() {
    return this.files.ends();
  }

  async commit(): Promise<void> {}

  progress() {
    return this.files.progress();
  }
}

/** `-w` empties its file before anything is read. */
function refuseOverwriting(files: readonly string[], write: string | undefined): void {
  if (write === undefined || write === '-') return;
  for (const file of files)
    if (file !== '-' && realPath(file) === realPath(write))
      throw new UsageError(`${write} is being read and cannot be written at the same time`);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
