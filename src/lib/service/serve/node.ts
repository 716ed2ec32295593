/**
 * One capture node: inputs, the policy, outlets. It starts, changes its settings while packets come, switches storing on
 * and off, and stops with everything delivered or said.
 */
import { AddressBook, PAYLOAD_SIP, UsageError, isFault, type FaultCode, type Message } from '../../base/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import { HepDecoder } from '../../hep/index.js';
import { SipParser } from '../../sip/index.js';
import { DecodePool } from '../decode-workers/index.js';
import { FramePipeline } from '../frame-pipeline.js';
import { publishedReport } from '../report/published.js';
import { RtcpWatch } from '../report/rtcp-watch.js';
import { Ledger, brokenLaws } from '../ledger.js';
import type { Surroundings } from '../run-options.js';
import type { LiveSettings, Settings } from '../settings/index.js';
import { Inputs } from './inputs.js';
import { Outlets } from './outlets.js';
import type { Policy } from './policy.js';
import { SipTally } from './sip-tally.js';
import { Upkeep } from './upkeep.js';

const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

/** Makes what is done with messages out of settings; null stores every SIP message. */
export type MakePolicy = (settings: Settings, node: CaptureNode) => Policy | null;

export class CaptureNode {
  readonly ledger = new Ledger();
  readonly outlets: Outlets;
  readonly tally = new SipTally();
  /** The switch: off stops the storing of SIP, nothing else. */
  captureOn: boolean;
  reloads = 0;
  private readonly inputs: Inputs;
  private readonly upkeep: Upkeep;
  private readonly parser = new SipParser();
  private readonly pipelines = new Map<LiveSettings, FramePipeline | DecodePool>();
  private decoder!: HepDecoder;
  private policy: Policy | null = null;
  private changing: Promise<void> = Promise.resolve();

  private constructor(private settings: Settings, readonly around: Surroundings, private readonly makePolicy: MakePolicy, onGiveUp: () => void) {
    this.captureOn = settings.captureOn;
    this.outlets = new Outlets(this.ledger, around);
    this.upkeep = new Upkeep(around);
    this.inputs = new Inputs({ arrival: (arrival) => this.arrival(arrival), frame: (frame, live) => this.pipelineOf(live).frame(frame) }, { ready: () => this.outlets.ready() }, { ready: () => this.udpReady() }, this.ledger, around, onGiveUp);
  }

  static async start(settings: Settings, around: Surroundings, makePolicy: MakePolicy, onGiveUp: () => void): Promise<CaptureNode> {
    const node = new CaptureNode(settings, around, makePolicy, onGiveUp);
    node.inputs.hold();
    await node.outlets.apply(settings);
    node.use(settings);
    try {
      await node.inputs.apply(settings);
    } catch (error) {
      await node.inputs.stop();
      await node.outlets.closeAll(() => true, settings.drainSeconds);
      throw error;
    }
    node.inputs.release();
    node.upkeep.start(settings);
    return node;
  }

  /** Goes over to other settings without losing a packet; '' when they are in force, else why the old ones stay. */
  reload(settings: Settings): Promise<string> {
    const change = this.changing.then(() => this.change(settings));
    this.changing = change.then(() => {}, () => {});
    return change;
  }

  async stop(): Promise<void> {
    await this.changing;
    this.upkeep.stop();
    await this.inputs.noteDrops();
    await this.inputs.stop();
    await this.finishPipelines(() => true);
    await this.outlets.closeAll(() => true, this.settings.drainSeconds);
    await this.upkeep.settled();
    for (const [reason, count] of this.decoder.counters.entries()) this.ledger.notes.add(reason, count);
  }

  get current(): Settings {
    return this.settings;
  }

  sums() {
    this.ledger.kept = this.outlets.keptPackets;
    return { ledger: this.ledger, sinks: this.outlets.counts(), inputs: this.inputs.sums() };
  }

  async noteDrops(): Promise<void> {
    await this.inputs.noteDrops();
  }

  /** Sentences that are not true, of the books; sinks may get different messages here. */
  brokenLaws(): string[] {
    return brokenLaws(this.ledger, this.outlets.counts(), false);
  }

  /** What the node does with a message that was found, unless a policy says otherwise. False when a sink is full. */
  byDefault(message: Message): boolean {
    const { outlets, ledger } = this;
    const isSip = message.payloadType === PAYLOAD_SIP;
    if (isSip && !this.parsed(message)) {
      if (outlets.targets.length === 0) return true;
      ledger.delivered++;
      return outlets.relay(message);
    }
    if (isSip && !this.captureOn && outlets.targets.length === 0) {
      ledger.filtered.add('capture_off');
      return true;
    }
    ledger.delivered++;
    const stored = isSip && !this.captureOn ? this.off() : outlets.store(message);
    const published = this.storePublished(message);
    return outlets.relay(message) && stored && published;
  }

  /** The quality report in a PUBLISH goes to the report table as well; targets have it within the PUBLISH. */
  private storePublished(message: Message): boolean {
    const report = message.sip === null || this.outlets.databases.length === 0 ? null : publishedReport(message, message.sip);
    if (report === null) return true;
    this.ledger.found++;
    this.ledger.delivered++;
    return this.outlets.store(report);
  }

  /** Reads the SIP; false, and counted, where it is none. */
  parsed(message: Message): boolean {
    if (message.sip !== null) return true;
    const sip = this.parser.parse(message.payload);
    if (isFault(sip)) {
      if (this.outlets.targets.length === 0) this.ledger.rejected.add(sip.fault);
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
    return this.policy === null ? this.byDefault(message) : this.policy.message(message);
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

  private pipelineOf(live: LiveSettings): FramePipeline | DecodePool {
    let pipeline = this.pipelines.get(live);
    if (pipeline === undefined) {
      const options = { ports: live.ports, keepFrames: false, parseHep: false, tunnelTo: live.mode === 'ipip' ? live.address || '0.0.0.0' : undefined };
      const dispatch = (message: Message) => this.message(message);
      const { workers } = this.settings;
      pipeline = workers > 0
        ? new DecodePool(workers, options, this.ledger, this.around.log, dispatch)
        : new FramePipeline({ ...options, rtcp: live.rtcp ? new RtcpWatch() : undefined }, this.ledger, () => true, dispatch);
      this.pipelines.set(live, pipeline);
    }
    return pipeline;
  }

  /** What they still hold comes out. */
  private async finishPipelines(which: (live: LiveSettings) => boolean): Promise<void> {
    for (const [live, pipeline] of this.pipelines) {
      if (!which(live)) continue;
      this.pipelines.delete(live);
      await pipeline.finish();
    }
  }

  /** UDP waits for nobody but a database that is the only outlet and has no spool: what waits undecoded waits cheaply. */
  private async udpReady(): Promise<void> {
    const { databases, targets, scriptTargets } = this.outlets;
    if (databases.length === 1 && targets.length + scriptTargets.length === 0 && this.settings.relay.spool === '') await this.outlets.ready();
  }

  private use(settings: Settings): void {
    this.settings = settings;
    this.decoder = new HepDecoder({ addressBook: new AddressBook(), prefersCorrelationMap: settings.correlationChunk === 101, ...(settings.authKey === '' ? {} : { authKey: Buffer.from(settings.authKey) }) });
    this.policy = this.makePolicy(settings, this);
  }

  private async change(settings: Settings): Promise<string> {
    const before = this.settings;
    this.inputs.hold();
    try {
      await this.outlets.apply(settings);
      this.use(settings);
      await this.inputs.apply(settings);
      await this.finishPipelines((live) => !this.inputs.captures(live));
      if (settings.captureOn !== before.captureOn) this.captureOn = settings.captureOn;
      this.upkeep.start(settings);
      this.reloads++;
      this.around.log.info('the new configuration is in force');
      return '';
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.around.log.error(`the new configuration cannot be had: ${error.message}; the old one goes on`);
      await this.outlets.apply(before);
      this.use(before);
      await this.inputs.apply(before);
      return error.message;
    } finally {
      this.inputs.release();
    }
  }
}
