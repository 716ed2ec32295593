/** `capture mirror -r`: capture files as one stream in time order, decoded and handed to the sinks, each message once. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  UsageError,
  EXIT_BAD_INPUT,
  EXIT_DONE,
  EXIT_INTERRUPTED,
  EXIT_UNREACHABLE,
  Ledger,
  type Frame,
  type PortRange,
  type RawListen,
  type Environment,
} from '../../base/index.js';
import { CaptureFiles } from '../../capture/file/index.js';
import type { FrameWriter } from '../../sink/capture-file/capture-file-sink.js';
import { Database } from '../../pipeline/output/database-output.js';
import { Dispatcher } from '../../pipeline/dispatcher.js';
import { FrameExtractor } from '../../extract/frame-extractor.js';
import { RtcpWatch } from '../../extract/rtcp-extractor.js';
import { PositionTracker } from '../../pipeline/output/position-tracker.js';
import { startProgress } from '../../pipeline/progress.js';
import type { RunOptions } from '../../pipeline/options.js';
import { onSignals } from '../../pipeline/signals.js';
import { ScriptedRun } from '../../script/scripted-run.js';
import { readChoice } from '../route/script-choice.js';
import { hepTargets, frameWriterAmong, openLocalOutputs, SinkSet } from '../../pipeline/output/outputs.js';
import { writeSummary, type RunSummary } from '../../pipeline/summary.js';

/** Messages between two looks at what else there is to do: each answer of a database waits for one such turn, and it gives many for a batch. */
const TURN_MESSAGES = 10;

export interface CaptureFilesOptions extends RunOptions {
  /** Paths and globs; `-` is standard input. */
  files: readonly string[];
  ports: readonly PortRange[];
  /** Store everything once more, whatever was stored before. */
  again: boolean;
  parseHep: boolean;
  /** Read RTCP too. */
  rtcp: boolean;
  /** `-w` gets every frame, not only those of messages. */
  keepAll: boolean;
  /** The end of IP-in-IP tunnels that alone is taken, or null. */
  tunnel: RawListen | null;
}

export async function captureFiles(options: CaptureFilesOptions, env: Environment): Promise<number> {
  const run = new FileRun(options, env);
  return run.run();
}

class FileRun {
  private readonly ledger = new Ledger();
  private readonly began: number;
  private interrupted = false;
  private enough = false;
  private scripted: ScriptedRun | null = null;
  private frameWriter: FrameWriter | null = null;

  constructor(
    private readonly options: CaptureFilesOptions,
    private readonly env: Environment,
  ) {
    this.began = env.clock.monotonic();
  }

  async run(): Promise<number> {
    const { options, env, ledger } = this;
    refuseOverwriting(options.files, options.sinks.write);
    const script = options.route === null ? null : await readChoice(options.route, env);
    const files = await CaptureFiles.open(options.files, { stdin: env.stdin, log: env.log, digests: options.sinks.db !== undefined });
    const endEarly = () => {
      this.enough = true;
      void files.stop();
    };
    const localOutputs = await openLocalOutputs(options, env, endEarly, options.keepAll);
    this.frameWriter = options.keepAll ? frameWriterAmong(localOutputs) : null;
    const database = options.sinks.db === undefined ? null : await Database.open({ sinks: options.sinks, env, live: false, ledger });
    const positions =
      database === null
        ? files.names.map(() => ({ stream: '', resume: null }))
        : await database.filePositions(files, this.settingsKey(script?.text), options.again);
    const tracker = new PositionTracker(positions, (index) => files.positionOf(index));
    const stores = [...(database === null ? [] : [database.sink(() => tracker.positions())]), ...localOutputs];
    const targets = await hepTargets(options, env, true);
    const set = new SinkSet([...stores, ...targets]);
    const dispatcher = new Dispatcher({
      sinks: set.sinks,
      ledger,
      parse: true,
      outerIsOriginator: options.tunnel !== null,
      count: options.count,
      onCount: endEarly,
    });
    this.scripted =
      script === null
        ? null
        : new ScriptedRun(script, {
            ledger,
            env,
            database,
            stores,
            targets,
            opening: { ...options.sinks.hep, waits: true },
            storeByDefault: (message) => dispatcher.dispatch(message),
            count: options.count,
            onCount: endEarly,
          });
    const pipeline = this.pipeline(tracker, this.scripted ?? dispatcher);
    const release = onSignals({
      stop: () => {
        this.interrupted = true;
        void files.stop();
      },
      report: () => this.tell(files, set),
    });
    const progress = await startProgress(env.clock, !options.quiet && env.colour, () => ({ ...files.progress(), messages: ledger.found }));
    await this.read(files, pipeline, dispatcher, database !== null);
    if (!this.interrupted && !this.enough) pipeline.finish();
    await set.close();
    await this.scripted?.close();
    database?.note(ledger);
    progress.stop();
    release();
    if (!options.quiet) this.tell(files, set);
    return this.exitCode(files, set, database);
  }

  /** With a database the loop gives way every few messages: its thread must not wait for our decoding. */
  private read(files: CaptureFiles, pipeline: FrameExtractor, dispatcher: Dispatcher, givesWay: boolean): Promise<void> {
    const { ledger, frameWriter } = this;
    const take =
      frameWriter === null
        ? (frame: Frame) => pipeline.frame(frame)
        : (frame: Frame) => {
            frameWriter.frame(frame);
            return pipeline.frame(frame);
          };
    if (!givesWay) return files.start(take, dispatcher);
    let next = TURN_MESSAGES;
    return files.start((frame: Frame) => take(frame) && ledger.found < next, {
      ready: async () => {
        await dispatcher.ready();
        await setImmediate();
        next = ledger.found + TURN_MESSAGES;
      },
    });
  }

  private pipeline(tracker: PositionTracker, dispatcher: Pick<Dispatcher, 'dispatch'>): FrameExtractor {
    const { options } = this;
    return new FrameExtractor(
      {
        ports: options.ports,
        keepFrames: (options.sinks.write !== undefined && !options.keepAll) || options.sinks.hep.targets.length > 0,
        parseHep: options.parseHep,
        tunnelTo: options.tunnel?.address,
        rtcp: options.rtcp ? new RtcpWatch() : undefined,
      },
      this.ledger,
      (message, sourceIndex, index, atEnd) => tracker.accept(message, sourceIndex, index, atEnd),
      (message) => dispatcher.dispatch(message),
    );
  }

  /** What decides which messages of a file are stored where: part of the key of its stored position. */
  private settingsKey(script: string | undefined): string {
    const { sinks, ports, parseHep, rtcp, tunnel } = this.options;
    return JSON.stringify([
      sinks.table,
      sinks.reportTable,
      ports,
      parseHep,
      ...(tunnel === null ? [] : [tunnel.address]),
      ...(rtcp ? ['rtcp'] : []),
      ...(script === undefined ? [] : [script]),
    ]);
  }

  private tell(files: CaptureFiles, set: SinkSet): void {
    const { options, env, ledger } = this;
    const input: RunSummary = {
      ledger,
      sinks: [...set.counts(), ...(this.scripted?.counts() ?? [])],
      uniform: this.scripted === null,
      inputs: files.ends(),
      inputKind: 'files',
      unit: 'packets',
      seconds: (env.clock.monotonic() - this.began) / 1000,
    };
    writeSummary(input, options.summary, env.stderr);
  }

  private exitCode(files: CaptureFiles, set: SinkSet, database: Database | null): number {
    if (database?.unreachable === true) return EXIT_UNREACHABLE;
    if (this.interrupted) return EXIT_INTERRUPTED;
    if (
      set
        .counts()
        .some(
          ({ counts }) => counts.reasons.write_failed !== undefined || (counts.before !== undefined && counts.waiting + counts.lost > 0),
        )
    )
      return EXIT_UNREACHABLE;
    return files.ends().some(({ problem }) => problem !== '') ? EXIT_BAD_INPUT : EXIT_DONE;
  }
}

/** `-w` empties its file before anything is read: it must be none of those that are read. */
function refuseOverwriting(files: readonly string[], write: string | undefined): void {
  if (write === undefined || write === '-') return;
  for (const file of files) {
    if (file !== '-' && realPath(file) === realPath(write)) throw new UsageError(`${write} is read and cannot be written at the same time`);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
