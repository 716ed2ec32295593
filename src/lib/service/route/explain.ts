/** `route explain`: runs a script over packets and shows for each message what ran, what was read, and the result. Nothing is stored or sent. */
import { once } from 'node:events';
import {
  AddressTextCache,
  UsageError,
  hepEndpointText,
  isFault,
  EXIT_BAD_INPUT,
  EXIT_DONE,
  EXIT_USAGE,
  Ledger,
  type Gate,
  type Log,
  type Message,
  type Environment,
  safeJson,
} from '../../base/index.js';
import { CaptureFiles } from '../../capture/file/index.js';
import { HepDecoder } from '../../hep/index.js';
import { MessagePreparer } from '../../extract/prepare-message.js';
import { FrameExtractor } from '../../extract/frame-extractor.js';
import { explainedJson, explainedText } from '../../script/explain-format.js';
import { ExplainRecord } from '../../script/explain-record.js';
import { readHepFiles } from '../../pipeline/input/hep-file-input.js';
import { routeTitle } from './check.js';
import { readRouteFile, type RouteFile, type RouteFileOptions, type RouteTables } from '../../script/script-file.js';
import { readSettings } from './settings-reader.js';
import { ScriptHost } from '../../script/script-host.js';
import { RouteOrder, type Outcome } from '../../script/route-order.js';
import { MessageRows, type RowOptions, type RowOverride } from '../../pipeline/output/message-rows.js';
import type { InputSummary } from '../../pipeline/summary.js';

export interface RouteExplainOptions extends Omit<RouteFileOptions, 'trace'> {
  /** HEP packets: streams, or captures that hold HEP. */
  hep: readonly string[];
  /** Captures, from which SIP and HEP are read. */
  captures: readonly string[];
  /** Stop after this many messages; 0 is no limit. */
  count: number;
  format: 'text' | 'json';
}

export async function routeExplain(options: RouteExplainOptions, env: Environment): Promise<number> {
  if (options.hep.length === 0 && options.captures.length === 0)
    throw new UsageError('nothing to explain: specify --hep PACKETS or -r CAPTURE');
  const record = new ExplainRecord();
  const file = await readRouteFile({ ...options, trace: record }, readSettings);
  env.stderr.write(file.report);
  if (file.program === null) return EXIT_USAGE;
  record.read(file.script!);
  const explainer = new Explainer(options, file, record, env);
  const inputs = [...(await explainer.packets()), ...(await explainer.captures())];
  // Input that was left early is not checked for its end.
  const problems = explainer.isEnough ? [] : inputs.filter(({ problem }) => problem !== '');
  for (const { name, problem } of problems) env.stderr.write(`${name}: ${problem}\n`);
  if (explainer.refused > 0) env.stderr.write(`${explainer.refused} HEP packets could not be read\n`);
  return problems.length > 0 || explainer.refused > 0 ? EXIT_BAD_INPUT : EXIT_DONE;
}

/** What does not decide about the table. */
const ROWS = {
  reportShape: 'homer5',
  captureNode: '',
  customFields: ['', '', ''],
  tableTime: 'packet',
  localDate: false,
  dataHeaders: [],
  alegHeaders: [],
} as const;

function tablesOf({ sip, report, shape }: RouteTables): Pick<RowOptions, 'shape' | 'table' | 'reportTable'> {
  return { shape, table: sip || 'sip_capture', reportTable: report || 'rtcp_capture' };
}

class Explainer implements Gate {
  refused = 0;
  private number = 0;
  private done: string[] = [];
  private stop: () => void = () => {};
  private readonly preparer = new MessagePreparer(new Ledger());
  private readonly host: ScriptHost;
  private readonly order: RouteOrder;
  private readonly rows: MessageRows;

  constructor(
    private readonly options: RouteExplainOptions,
    file: RouteFile,
    private readonly record: ExplainRecord,
    private readonly env: Environment,
  ) {
    this.order = new RouteOrder(file.program!, file.hepRoute, (route) => record.enters(routeTitle(route)));
    this.rows = new MessageRows({ ...ROWS, ...tablesOf(file.tables) }, env.clock, false);
    const note = (text: string) => record.logged(text);
    const log: Log = { debug: note, info: note, warn: note, error: note };
    this.host = new ScriptHost({
      isCaptureOn: () => true,
      store: (message, override) => this.did(this.storedText(message, override)),
      relay: (target, message) =>
        this.did(`relayed to ${hepEndpointText(target)}${message.envelope === null ? '' : `, ${message.envelope.bytes.length} bytes`}`),
      parse: (message) => this.preparer.sip(message),
      failed: (_place, reason) => record.failed(reason),
      skipped: (name) => record.failed(`${name}() skipped: not available here`),
      environment: options.environment,
      clock: env.clock,
      log,
    });
  }

  async ready(): Promise<void> {
    if (this.env.stdout.writableNeedDrain) await once(this.env.stdout, 'drain');
  }

  async packets(): Promise<InputSummary[]> {
    const { hep } = this.options;
    if (hep.length === 0) return [];
    const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
    return readHepFiles(
      hep,
      this.env,
      this,
      (stop) => (this.stop = stop),
      (bytes, from, to, at, peer) => {
        const message = decoder.decode(bytes, from, to, at, peer);
        if (!isFault(message)) return this.message(message);
        this.refused++;
        return true;
      },
    );
  }

  async captures(): Promise<InputSummary[]> {
    const { captures } = this.options;
    if (captures.length === 0 || this.isEnough) return [];
    const files = await CaptureFiles.open(captures, { stdin: this.env.stdin, log: this.env.log, digests: false });
    this.stop = () => void files.stop();
    const pipeline = new FrameExtractor(
      { ports: [], keepFrames: false, parseHep: true },
      new Ledger(),
      () => '',
      (message) => this.message(message),
    );
    await files.start((frame) => pipeline.frame(frame), this);
    if (!this.isEnough) pipeline.finish();
    return files.ends();
  }

  get isEnough(): boolean {
    return this.options.count > 0 && this.number >= this.options.count;
  }

  /** False when standard output is full. */
  private message(message: Message): boolean {
    if (this.isEnough) return true;
    this.number++;
    this.done = [];
    this.record.begin();
    const outcome = this.order.run(message, this.host);
    const explained = { number: this.number, message, steps: this.record.steps, done: this.done, ending: this.endingText(outcome) };
    if (message.sip === null && outcome !== 'default') message.sip = this.host.message.sip;
    const room = this.env.stdout.write(this.options.format === 'json' ? explainedJson(explained) : explainedText(explained));
    if (this.isEnough) this.stop();
    return room;
  }

  private endingText(outcome: Outcome): string {
    const { host, done } = this;
    if (outcome === 'default') return 'no route runs for it: stored as without a script';
    const nothing = done.length > 0 ? '' : ', and nothing was done with it';
    if (host.notSip !== '' && host.stage === 'sip') return `the payload is not SIP: no route runs for it${nothing}`;
    if (this.record.steps.length === 0) return 'no route runs for it, and nothing was done with it';
    const ender = this.record.ender();
    const where = ender === null ? '' : ` in line ${ender.line}: ${ender.statement}`;
    switch (outcome) {
      case 'exit':
        return `ended${where}${nothing}`;
      case 'drop':
        return `dropped${where}${nothing}`;
      default:
        return `end of the script${nothing}`;
    }
  }

  private storedText(message: Message, override: RowOverride): string {
    const { customFields, report } = override;
    let ignored = '';
    this.rows.override = override;
    this.rows.onTableIgnored = (table) => (ignored = ` (the name ${table} is ignored: these tables have fixed names)`);
    const where = this.rows.table(message) + ignored;
    if (report !== null) return `reported into ${where} as ${safeJson(report.correlationId)}, type ${report.payloadType}`;
    return `stored into ${where}${customFields === null ? '' : `, custom fields ${safeJson(customFields)}`}`;
  }

  private did(what: string): null {
    this.done.push(what);
    return null;
  }
}
