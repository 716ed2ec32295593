/**
 * The outputs of a run: databases, files, the terminal, HEP targets; one class for flags and for `serve`.
 * At a reload outputs with the same key continue untouched, new ones are opened before anything old is closed, and if
 * that fails nothing has changed.
 */
import type { Gate, Ledger, Log, Message } from '../../base/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import { publishedReport } from '../../extract/published-report.js';
import type { FrameWriter } from '../../sink/capture-file/capture-file-sink.js';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { MessageOutputs } from '../handler.js';
import type { Repeats } from '../repeats.js';
import { CapturedCounts } from './captured-counts.js';
import { ClosedOutputs } from './closed-outputs.js';
import type { Database } from './database-output.js';
import type { RowOverride } from './message-rows.js';
import { warnOfWaiting } from './waiting-warning.js';
import { isSpooling, type CloseDeadline, type OpenedOutput, type Output, type OutputCounts, type OutputSpec } from './output.js';
import * as states from './output-states.js';

/** Age at which the buffer of a capture file is written even if small. */
const FILE_AGE_MS = 1000;
export class Outputs implements Gate, MessageOutputs {
  /** False where one was full since the intake set it. */
  room = true;
  readonly closed = new ClosedOutputs();
  frameWriter: FrameWriter | null = null;
  /** Takes back packets that cannot wait undecoded. */
  decodeNow: (arrival: HepArrival) => void = () => {};
  /** Drops repeats before they wait undecoded; null takes them. */
  repeats: Repeats | null = null;
  /** Called for each batch that was sent to a database. */
  onBatch: (sink: string, seconds: number, outcome: string) => void = () => {};
  private all: Output[] = [];
  private stores: Output[] = [];
  private targets: Output[] = [];
  /** Closed at this moment: still counted. */
  private leaving: Output[] = [];
  /** The database where it is the only output. */
  private sole: Database | null = null;
  private published = 0;
  private readonly counted = new CapturedCounts();
  /** Closing outputs removed by a reload. */
  private settling: Promise<unknown> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  /** `undecoded`: packets may wait undecoded (nothing but the default is done with them). */
  constructor(
    private readonly ledger: Ledger,
    private readonly log: Log,
    public undecoded: boolean,
  ) {
    this.timer = setInterval(() => {
      for (const { name, sink, gathers } of this.all)
        if (gathers === true) sink.flush().catch((error: Error) => this.log.error(`${name}: cannot flush: ${error.message}`));
    }, FILE_AGE_MS).unref();
  }

  /**
   * Opens what is new and switches to it; resolves then, while outputs no longer used are still being closed (`closed`,
   * bounded by `deadline`). Throws, with everything as before, where something cannot be opened. `hold` is called where an
   * output must be closed before its successor can be opened: until it resolves nothing may be delivered. `keepScripted`:
   * the targets that the script has opened stay; another script opens its own. `agreed` is called once everything new is
   * open; where it throws, too, nothing changes.
   */
  async apply(
    specs: readonly OutputSpec[],
    deadline: CloseDeadline,
    hold: () => void = () => {},
    keepScripted = true,
    agreed: () => Promise<void> = () => Promise.resolve(),
  ): Promise<{ closed: Promise<void> }> {
    const isWanted = ({ role, key }: Output) => (role === 'script' ? keepScripted : specs.some((spec) => spec.key === key));
    const going = this.all.filter((output) => !isWanted(output));
    const fresh = specs.filter(({ key }) => !this.all.some((output) => output.key === key));
    const heldNow = new Set(going.flatMap(({ holds }) => holds));
    const opened: Output[] = [];
    const closedEarly: Output[] = [];
    try {
      for (const spec of fresh) if (!spec.holds.some((folder) => heldNow.has(folder))) opened.push(await this.closed.open(spec));
      for (const spec of fresh) {
        if (opened.some(({ key }) => key === spec.key)) continue;
        const holders = going.filter(
          (output) => !closedEarly.includes(output) && output.holds.some((folder) => spec.holds.includes(folder)),
        );
        closedEarly.push(...holders);
        hold();
        await this.closeSome(holders, deadline);
        opened.push(await this.closed.open(spec));
      }
      await agreed();
    } catch (error) {
      await Promise.all(opened.map(({ sink }) => sink.close()));
      for (const output of closedEarly) await this.reopen(output);
      this.arrange();
      throw error;
    }
    // Another script may name the same targets and spools.
    const scripted = going.filter(({ role, holds }) => role === 'script' && holds.length > 0);
    if (scripted.length > 0) {
      closedEarly.push(...scripted);
      hold();
      await this.closeSome(scripted, deadline);
    }
    const leaving = going.filter((output) => !closedEarly.includes(output));
    this.leaving.push(...leaving);
    this.all = [...this.all.filter((output) => !going.includes(output)), ...opened];
    this.arrange(specs);
    const closed = this.closeSome(leaving, deadline);
    this.settling = Promise.allSettled([this.settling, closed]);
    return { closed };
  }

  private async reopen(output: OutputSpec): Promise<void> {
    try {
      this.all.push(await this.closed.open(output));
    } catch (error) {
      this.log.error(`${output.name} was closed and cannot be opened again: ${(error as Error).message}`);
    }
  }

  /** Opens one more under traffic (a target named by a script). */
  async add(spec: OutputSpec): Promise<OpenedOutput> {
    const known = this.all.find(({ key }) => key === spec.key);
    if (known !== undefined) return known;
    const output = await this.closed.open(spec);
    this.all.push(output);
    this.arrange();
    return output;
  }

  get hasStores() {
    return this.stores.length > 0;
  }
  get hasTargets() {
    return this.targets.length > 0;
  }

  store(message: Message, override: RowOverride | null = null): boolean {
    let room = true;
    for (const { sink, database } of this.stores) {
      if (database !== undefined) database.rows.override = override;
      if (!sink.accept(message)) room = false;
      if (database !== undefined) database.rows.override = null;
    }
    if (!override?.report) this.storePublished(message);
    if (this.stores.length > 0) this.counted.add(message, override);
    this.room &&= room;
    return room;
  }

  /** The quality report in a PUBLISH is a row of its own beside the SIP row; targets have it within the PUBLISH. */
  storePublished(message: Message): boolean {
    const report = message.sip && publishedReport(message, message.sip);
    if (report === null) return false;
    const databases = this.stores.filter(({ database }) => database !== undefined);
    for (const { sink } of databases) if (!sink.accept(report)) this.room = false;
    this.published += databases.length > 0 ? 1 : 0;
    return databases.length > 0;
  }

  relay(message: Message): boolean {
    let room = true;
    for (const { sink } of this.targets) room = sink.accept(message) && room;
    this.room &&= room;
    return room;
  }

  /** An unchanged packet, to every target. */
  send(packet: Buffer, key: string, capturedAt: number): boolean {
    let room = true;
    for (const { relay } of this.targets) if (!relay!.send(packet, key, capturedAt)) room = false;
    this.room &&= room;
    return room;
  }

  /** Takes a packet undecoded where the only database is behind and has a spool; false where it is to be decoded now. */
  takeUndecoded(arrival: HepArrival): boolean {
    return this.undecoded && this.sole !== null && this.sole.takeUndecoded(arrival);
  }

  /** False while packets that cannot wait would be lost: better dropped before decoding than after. */
  get hasRoom(): boolean {
    return this.sole === null || this.sole.hasRoom;
  }

  /** Whether datagrams that can wait in a ring should: they wait cheaply there. */
  get datagramsWait(): boolean {
    return this.undecoded && this.sole !== null && !this.sole.hasSpool;
  }

  async ready(): Promise<void> {
    for (const { sink } of this.all) await sink.ready();
  }

  counts(): OutputCounts[] {
    return [...[...this.all, ...this.leaving].map((output) => states.countsOf(output, this.published)), ...this.closed.counts];
  }

  /** The backlog of each output. */
  depths(): states.OutputDepth[] {
    return states.depthsOf(this.all);
  }

  states(): states.OutputState[] {
    return states.statesOf(this.all);
  }

  /** SIP messages handed to databases. */
  get captured(): { requests: number; replies: number } {
    return states.capturedOf(this.all, this.counted);
  }

  targetCounts(): TargetCounts[] {
    return this.all.flatMap(({ relay }) => relay?.targets() ?? []);
  }

  /** True if a database or a target does not accept what it should. */
  get unreachable(): boolean {
    return states.isUnreachable(this.all);
  }

  /** Whether everything was delivered, including closed outputs; a backlog in a spool was not. */
  get isDelivered(): boolean {
    return (
      !this.unreachable &&
      this.closed.undecodedPackets === 0 &&
      states.haveDelivered(this.all, this.leaving) &&
      this.closed.counts.every(({ counts }) => counts.waiting + counts.lost === 0)
    );
  }

  /** Whether everything was delivered, or is safe in a spool. */
  get isSafe(): boolean {
    return states.areSafe(this.all);
  }

  /** True where it is the only output. */
  only(name: string): boolean {
    const taking = this.all.filter(({ role }) => role !== 'drain');
    return taking.length === 1 && taking[0].name === name;
  }

  /** Tables that cannot be written although their database can. */
  failingTables(): states.FailingTable[] {
    return states.failingTablesOf(this.all);
  }

  get undecodedPackets(): number {
    return this.all.reduce((sum, { database }) => sum + (database?.undecodedPackets ?? 0), this.closed.undecodedPackets);
  }

  /** Resolves when everything accepted is written, or counted as waiting or lost: at the deadline at the latest. */
  async close(deadline: CloseDeadline): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.closeSome(this.all, deadline, true), Promise.race([this.settling, deadline.passed])]);
  }

  private async closeSome(going: readonly Output[], deadline: CloseDeadline, isEnd = false): Promise<void> {
    // What spools finishes soon after the deadline by itself: what it holds in memory is on the disk then.
    const close = ({ relay, sink }: Output) => relay?.close(deadline.passed) ?? sink.close(deadline.remainingMs);
    const spooling = Promise.all(going.filter(isSpooling).map(close));
    const closing = Promise.all([spooling, ...going.filter((output) => !isSpooling(output)).map(close)]).then(() => true);
    const done = await Promise.race([closing, deadline.passed.then(() => false)]);
    await spooling;
    for (const output of going) {
      output.database?.note(this.ledger);
      const counts = states.countsOf(output, this.published);
      warnOfWaiting(this.log, output, counts.counts.waiting, done);
      if (isEnd) continue;
      this.closed.add({ ...counts, sink: `${output.name} (closed)` }, output);
      if (output.database?.later) this.counted.include(output.database.later.captured);
    }
    if (isEnd) return;
    this.all = this.all.filter((output) => !going.includes(output));
    this.leaving = this.leaving.filter((output) => !going.includes(output));
    this.arrange();
  }

  /** The order of the specs is the order of the summary. */
  private arrange(specs: readonly OutputSpec[] = []): void {
    const place = ({ key }: Output) => {
      const at = specs.findIndex((spec) => spec.key === key);
      return at < 0 ? specs.length : at;
    };
    if (specs.length > 0) this.all = [...this.all].sort((a, b) => place(a) - place(b));
    this.stores = this.all.filter(({ role }) => role === 'store');
    this.targets = this.all.filter(({ role }) => role === 'target');
    this.sole = this.all.filter(({ role }) => role !== 'drain').length === 1 ? (this.stores[0]?.database ?? null) : null;
    this.frameWriter = this.all.find(({ frameWriter }) => frameWriter !== undefined)?.frameWriter ?? null;
    for (const { name, database } of this.stores)
      if (database !== undefined) {
        database.onBatch = (seconds, outcome) => this.onBatch(name, seconds, outcome);
        database.decodeNow = (arrival) => this.decodeNow(arrival);
        database.repeats = this.repeats;
      }
  }
}
