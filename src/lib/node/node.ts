/**
 * One capture node: inputs, the policy, outlets. It starts, changes its settings while packets come, switches storing on
 * and off, and stops with everything delivered or said.
 */
import {
  AddressTextCache,
  PAYLOAD_SIP,
  UsageError,
  hepEndpointText,
  isFault,
  Ledger,
  accountingErrors,
  type FaultCode,
  type Message,
  type Environment,
} from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import { HepDecoder } from '../hep/index.js';
import { SipParser } from '../sip/index.js';
import { DecodePool } from '../extract/workers/index.js';
import { FrameExtractor } from '../extract/frame-extractor.js';
import { publishedReport } from '../extract/published-report.js';
import { RtcpWatch } from '../extract/rtcp-extractor.js';
import type { LiveSettings, Settings } from '../config/index.js';
import { Inputs } from './inputs.js';
import { Outputs } from './outputs.js';
import type { Policy, PolicyFactory } from '../script/policy.js';
import { SipTally } from '../script/sip-tally.js';
import { Maintenance } from './maintenance.js';

const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

export class CaptureNode {
  readonly ledger = new Ledger();
  readonly outputs: Outputs;
  readonly tally = new SipTally();
  /** The switch: off stops the storing of SIP, nothing else. */
  captureOn: boolean;
  reloads = 0;
  private readonly inputs: Inputs;
  private readonly maintenance: Maintenance;
  private readonly parser = new SipParser();
  private readonly pipelines = new Map<LiveSettings, FrameExtractor | DecodePool>();
  private decoder!: HepDecoder;
  private policy: Policy | null = null;
  private changing: Promise<void> = Promise.resolve();

  private constructor(
    private settings: Settings,
    readonly env: Environment,
    private readonly makePolicy: PolicyFactory,
    onGiveUp: () => void,
  ) {
    this.captureOn = settings.captureOn;
    this.outputs = new Outputs(this.ledger, env);
    this.maintenance = new Maintenance(env);
    this.inputs = new Inputs(
      { arrival: (arrival) => this.arrival(arrival), frame: (frame, live) => this.pipelineOf(live).frame(frame) },
      { ready: () => this.outputs.ready() },
      { ready: () => this.udpReady() },
      this.ledger,
      env,
      onGiveUp,
    );
  }

  static async start(settings: Settings, env: Environment, makePolicy: PolicyFactory, onGiveUp: () => void): Promise<CaptureNode> {
    const node = new CaptureNode(settings, env, makePolicy, onGiveUp);
    node.inputs.hold();
    await node.outputs.apply(settings);
    node.use(settings);
    try {
      await node.inputs.apply(settings);
    } catch (error) {
      await node.inputs.stop();
      await node.outputs.closeAll(() => true, settings.drainSeconds);
      throw error;
    }
    node.inputs.release();
    node.maintenance.start(settings);
    return node;
  }

  /** Goes over to other settings without losing a packet; '' when they are in force, else why the old ones stay. */
  reload(settings: Settings): Promise<string> {
    const change = this.changing.then(() => this.change(settings));
    this.changing = change.then(
      () => {},
      () => {},
    );
    return change;
  }

  async stop(): Promise<void> {
    await this.changing;
    this.maintenance.stop();
    await this.inputs.noteDrops();
    await this.inputs.stop();
    await this.finishExtractors(() => true);
    await this.outputs.closeAll(() => true, this.settings.drainSeconds);
    await this.maintenance.settled();
    for (const [reason, count] of this.decoder.counters.entries()) this.ledger.notes.add(reason, count);
  }

  get current(): Settings {
    return this.settings;
  }

  summary() {
    this.ledger.undecoded = this.outputs.undecodedPackets;
    return { ledger: this.ledger, sinks: this.outputs.counts(), inputs: this.inputs.summary() };
  }

  async noteDrops(): Promise<void> {
    await this.inputs.noteDrops();
  }

  /** Sentences that are not true, of the books; sinks may get different messages here. */
  accountingErrors(): string[] {
    return accountingErrors(this.ledger, this.outputs.counts(), false);
  }

  /** What the node does with a message that was found, unless a policy says otherwise. False when a sink is full. */
  storeByDefault(message: Message): boolean {
    const { outputs, ledger } = this;
    const isSip = message.payloadType === PAYLOAD_SIP;
    if (isSip && !this.parsed(message)) {
      if (outputs.targets.length === 0) return true;
      ledger.delivered++;
      return outputs.relay(message);
    }
    if (isSip && !this.captureOn && outputs.targets.length === 0) {
      ledger.filtered.add('capture_off');
      return true;
    }
    ledger.delivered++;
    const stored = isSip && !this.captureOn ? this.off() : outputs.store(message);
    const published = this.storePublished(message);
    return outputs.relay(message) && stored && published;
  }

  /** The quality report in a PUBLISH goes to the report table as well; targets have it within the PUBLISH. */
  private storePublished(message: Message): boolean {
    const report = message.sip === null || this.outputs.databases.length === 0 ? null : publishedReport(message, message.sip);
    if (report === null) return true;
    this.ledger.found++;
    this.ledger.delivered++;
    return this.outputs.store(report);
  }

  /** Reads the SIP; false, and counted, where it is none. */
  parsed(message: Message): boolean {
    if (message.sip !== null) return true;
    const sip = this.parser.parse(message.payload);
    if (isFault(sip)) {
      if (this.outputs.targets.length === 0) this.ledger.rejected.add(sip.fault);
      else this.ledger.notes.add(`not_stored_${sip.fault}`);
      return false;
    }
    message.sip = sip;
    this.tally.add(sip);
    for (const header of sip.broken) this.ledger.notes.add(`broken_${header}`);
    return true;
  }

  private off(): boolean {
    this.ledger.notes.add('capture_off');
    return true;
  }

  private message(message: Message): boolean {
    return this.policy === null ? this.storeByDefault(message) : this.policy.message(message);
  }

  private arrival(arrival: HepArrival): boolean {
    const { ledger, decoder } = this;
    ledger.received++;
    ledger.bytes += arrival.to - arrival.from;
    const message = decoder.decode(arrival.bytes, arrival.from, arrival.to, arrival.receivedAt, arrival.peer);
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
    if (ledger.firstAt === 0) ledger.firstAt = message.capturedAt;
    ledger.lastAt = message.capturedAt;
    return this.message(message);
  }

  private pipelineOf(live: LiveSettings): FrameExtractor | DecodePool {
    let pipeline = this.pipelines.get(live);
    if (pipeline === undefined) {
      const options = {
        ports: live.ports,
        keepFrames: false,
        parseHep: false,
        tunnelTo: live.mode === 'ipip' ? live.address || '0.0.0.0' : undefined,
      };
      const dispatch = (message: Message) => this.message(message);
      const { workers } = this.settings;
      pipeline =
        workers > 0
          ? new DecodePool(workers, options, this.ledger, this.env.log, dispatch)
          : new FrameExtractor({ ...options, rtcp: live.rtcp ? new RtcpWatch() : undefined }, this.ledger, () => true, dispatch);
      this.pipelines.set(live, pipeline);
    }
    return pipeline;
  }

  /** What they still hold comes out. */
  private async finishExtractors(which: (live: LiveSettings) => boolean): Promise<void> {
    for (const [live, pipeline] of this.pipelines) {
      if (!which(live)) continue;
      this.pipelines.delete(live);
      await pipeline.finish();
    }
  }

  /** UDP waits for nobody but a database that is the only outlet and has no spool: what waits undecoded waits cheaply. */
  private async udpReady(): Promise<void> {
    const { databases, targets, scriptTargets } = this.outputs;
    if (databases.length === 1 && targets.length + scriptTargets.length === 0 && this.settings.relay.spool === '')
      await this.outputs.ready();
  }

  private use(settings: Settings): void {
    this.settings = settings;
    this.decoder = new HepDecoder({
      addressTexts: new AddressTextCache(),
      prefersCorrelationMap: settings.correlationChunk === 101,
      ...(settings.authKey === '' ? {} : { authKey: Buffer.from(settings.authKey) }),
    });
    this.policy = this.makePolicy(settings, this, (endpoint) => this.outputs.openForScript(settings, hepEndpointText(endpoint)));
  }

  private async change(settings: Settings): Promise<string> {
    const before = this.settings;
    this.inputs.hold();
    try {
      await this.outputs.apply(settings);
      this.use(settings);
      await this.inputs.apply(settings);
      await this.finishExtractors((live) => !this.inputs.captures(live));
      if (settings.captureOn !== before.captureOn) this.captureOn = settings.captureOn;
      this.maintenance.start(settings);
      this.reloads++;
      this.env.log.info('the new configuration is in force');
      return '';
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.env.log.error(`the new configuration cannot be had: ${error.message}; the old one goes on`);
      await this.outputs.apply(before);
      this.use(before);
      await this.inputs.apply(before);
      return error.message;
    } finally {
      this.inputs.release();
    }
  }
}
