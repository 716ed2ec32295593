/** `report`: HEP packets, lines or a file as reports with a correlation id, into the report table or on as HEP. */
import { readFileSync } from 'node:fs';
import {
  AddressTextCache,
  UsageError,
  isFault,
  EXIT_BAD_INPUT,
  EXIT_DONE,
  EXIT_INTERRUPTED,
  EXIT_UNREACHABLE,
  Ledger,
  type FaultCode,
  type Message,
  type Environment,
} from '../../base/index.js';
import { HepDecoder, payloadTypeNumber } from '../../hep/index.js';
import { openFile, openStream } from '../../capture/file/index.js';
import { Database } from '../../pipeline/output/database-output.js';
import { readHepFiles } from '../../pipeline/input/hep-file-input.js';
import type { RunOptions } from '../../pipeline/options.js';
import { onSignals } from '../../pipeline/signals.js';
import { SinkSet, hepTargets, openLocalOutputs } from '../../pipeline/output/outputs.js';
import { writeSummary, type InputSummary, type RunSummary } from '../../pipeline/summary.js';
import { correlationRule } from './correlation.js';
import { LineSplitter } from './line-splitter.js';
import { lineMessage, parseEndpoint, type LineOptions } from './line-messages.js';

export interface ReportOptions extends RunOptions {
  /** Path, or `-`. */
  file: string;
  /** `packets`: HEP; `lines`: each line is a report; `payload`: the whole input is one. */
  input: 'packets' | 'lines' | 'payload';
  /** '' takes the packet's own. */
  correlationId: string;
  /** Rule for packets that have none; '' for none. */
  correlation: string;
  /** Number or name; '' takes the packet's own. */
  payloadType: string;
  source: string;
  destination: string;
  timeField: string;
}

const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);
/** Packets without a correlation id that are named; the others are counted. */
const MAX_NAMED = 10;

export async function report(options: ReportOptions, env: Environment): Promise<number> {
  const run = new ReportRun(options, env);
  return run.run();
}

class ReportRun {
  private readonly ledger = new Ledger();
  private readonly rule: (payload: Buffer) => string;
  /** -1 takes the packet's own. */
  private readonly payloadType: number;
  private readonly decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  private set!: SinkSet;
  private database: Database | null = null;
  private named = 0;
  private stopInput: () => void = () => {};
  private interrupted = false;

  constructor(
    private readonly options: ReportOptions,
    private readonly env: Environment,
  ) {
    this.rule = correlationRule(options.correlation);
    this.payloadType = options.payloadType === '' ? -1 : typeNumber(options.payloadType);
  }

  async run(): Promise<number> {
    const { options, env, ledger } = this;
    const began = env.clock.monotonic();
    const lines = options.input === 'packets' ? null : this.lineOptions();
    const localOutputs = await openLocalOutputs(options, env, () => this.stopInput());
    // Lines come at their own pace, as from a socket.
    this.database =
      options.sinks.db === undefined ? null : await Database.open({ sinks: options.sinks, env, live: options.input === 'lines', ledger });
    this.set = new SinkSet([
      ...(this.database === null ? [] : [this.database.sink()]),
      ...(await hepTargets(options, env, true)),
      ...localOutputs,
    ]);
    const tell = (inputs: readonly InputSummary[]) => {
      const input: RunSummary = {
        ledger,
        sinks: this.set.counts(),
        inputs,
        inputKind: 'files',
        unit: options.input === 'packets' ? 'HEP packets' : 'reports',
        seconds: (env.clock.monotonic() - began) / 1000,
      };
      writeSummary(input, options.summary, env.stderr);
    };
    const release = onSignals({
      stop: () => {
        this.interrupted = true;
        this.stopInput();
      },
      report: () => tell([]),
    });
    const inputs = lines === null ? await this.packets() : options.input === 'lines' ? await this.lines(lines) : await this.payload(lines);
    await this.set.close();
    this.database?.note(ledger);
    release();
    if (!options.quiet) tell(inputs);
    return this.exitCode(inputs);
  }

  private async packets(): Promise<InputSummary[]> {
    return readHepFiles(
      [this.options.file],
      this.env,
      { ready: () => this.ready() },
      (stop) => (this.stopInput = stop),
      (bytes, from, to, at, peer) => {
        const { ledger } = this;
        ledger.received++;
        ledger.bytes += to - from;
        const message = this.decoder.decode(bytes, from, to, at, peer);
        if (isFault(message) && NOISE.has(message.fault)) {
          ledger.without.add(message.fault);
          return true;
        }
        ledger.complete++;
        ledger.found++;
        if (isFault(message)) {
          ledger.rejected.add(message.fault);
          return true;
        }
        return this.accept(message, `packet ${ledger.received}`);
      },
    );
  }

  private async lines(options: LineOptions): Promise<InputSummary[]> {
    const { file } = this.options;
    const source = file === '-' ? openStream(this.env.stdin) : await opened(file);
    this.stopInput = () => source.abort();
    let number = 0;
    const splitter = new LineSplitter((line) => {
      number++;
      if (line.length > 0) this.line(line, options, number + splitter.tooLong);
    });
    for (let chunk = await source.next(); chunk !== null && !this.interrupted; chunk = await source.next()) {
      splitter.push(chunk);
      await this.ready();
    }
    if (!this.interrupted) splitter.finish();
    const { ledger } = this;
    if (splitter.tooLong > 0) {
      ledger.received += splitter.tooLong;
      ledger.complete += splitter.tooLong;
      ledger.found += splitter.tooLong;
      ledger.rejected.add('line_too_long', splitter.tooLong);
    }
    const bytes = source.bytesRead;
    await source.close();
    return [{ name: file, packets: ledger.received, bytes, problem: '' }];
  }

  private async payload(options: LineOptions): Promise<InputSummary[]> {
    const { file } = this.options;
    let bytes: Buffer;
    if (file === '-') {
      const pieces: Buffer[] = [];
      for await (const piece of this.env.stdin as AsyncIterable<Buffer>) pieces.push(piece);
      bytes = Buffer.concat(pieces);
    } else bytes = readWhole(file);
    this.line(bytes, options, 1);
    return [{ name: file, packets: 1, bytes: bytes.length, problem: '' }];
  }

  private line(payload: Buffer, options: LineOptions, number: number): void {
    const { ledger } = this;
    const message = lineMessage(payload, this.env.clock.now(), options, number);
    ledger.received++;
    ledger.bytes += payload.length;
    ledger.complete++;
    ledger.found++;
    this.accept(message, `line ${number}`);
  }

  /** Stores or sends it; what has no correlation id is refused, and named. */
  private accept(message: Message, place: string): boolean {
    const { ledger, options } = this;
    if (this.payloadType >= 0) message.payloadType = this.payloadType;
    const own = message.correlationId;
    message.correlationId = options.correlationId !== '' ? options.correlationId : own !== '' ? own : this.rule(message.payload);
    if (message.correlationId === '') {
      ledger.rejected.add('no_correlation_id');
      if (this.named++ < MAX_NAMED)
        this.env.log.error(`${place} of ${options.file}: no correlation id: give --correlation-id, or a rule with --correlation`);
      return true;
    }
    if (ledger.firstAt === 0) ledger.firstAt = message.capturedAt;
    ledger.lastAt = message.capturedAt;
    // What was changed is not what came.
    if (message.envelope !== null && (message.correlationId !== own || this.payloadType >= 0)) message.envelope = null;
    ledger.delivered++;
    const { database } = this;
    if (database !== null)
      database.rows.override = {
        table: null,
        customFields: null,
        report: { correlationId: message.correlationId, payloadType: message.payloadType },
      };
    let room = true;
    for (const sink of this.set.sinks) if (!sink.accept(message)) room = false;
    return room;
  }

  private async ready(): Promise<void> {
    for (const sink of this.set.sinks) await sink.ready();
  }

  private lineOptions(): LineOptions {
    const { options } = this;
    if (this.payloadType < 0) throw new UsageError('--lines and --payload need --proto-type: a number, or a name like log, RTCP, CDR');
    if (options.correlationId === '' && options.correlation === '')
      throw new UsageError('--lines and --payload need --correlation-id, or a rule with --correlation');
    return {
      source: parseEndpoint(options.source, '--source'),
      destination: parseEndpoint(options.destination, '--destination'),
      payloadType: this.payloadType,
      captureId: options.sinks.hep.encoder.captureId,
      timeField: options.timeField,
    };
  }

  private exitCode(inputs: readonly InputSummary[]): number {
    if (this.database?.unreachable === true || this.set.counts().some(({ counts }) => counts.lost + counts.waiting > 0))
      return EXIT_UNREACHABLE;
    if (this.interrupted && this.options.input === 'packets') return EXIT_INTERRUPTED;
    return inputs.some(({ problem }) => problem !== '') || this.ledger.rejected.total() > 0 ? EXIT_BAD_INPUT : EXIT_DONE;
  }
}

function typeNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : payloadTypeNumber(text);
  if (number < 0 || number > 255) throw new UsageError(`--proto-type ${text}: no such payload type (sipcap hep chunks lists them)`);
  return number;
}

async function opened(file: string) {
  try {
    return await openFile(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
