/**
 * The numbers of a node as Prometheus reads them; looked up at each scrape, so that they cost nothing in between. What
 * the node counts is authoritative: counters are set to it, and those of outputs closed by a reload are added to those of
 * the outputs that replaced them.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { Ledger, NamedCounts, SinkCounts } from '../../base/index.js';
import { MOS_BUCKETS, type MediaCounts } from '../../media/index.js';
import type { InputStatus } from '../../pipeline/input-monitor.js';
import type { OutputState } from '../../pipeline/output/output-states.js';
import type { InputSummary } from '../../pipeline/summary.js';

export interface ProcessState {
  index: number;
  problem: string;
  restarts: number;
}

export interface MetricsSource {
  summary(): { ledger: Ledger; sinks: readonly NamedCounts[]; inputs: readonly InputSummary[] };
  tally: { methods: { entries(): [string, number][] }; statuses: { entries(): [string, number][] } };
  /** Statistics of the script, by name. */
  scriptMemory: { statistics: { entries(): [string, number][] } };
  /** RTP that interfaces follow. */
  media(): MediaCounts;
  inputStatus(): readonly InputStatus[];
  captureOn: boolean;
  reloads: number;
  accountingErrors(): string[];
  noteDrops(): Promise<void>;
  /** Where several processes share the work: each of them, and why it does not run ('' while it does). */
  processes?(): readonly ProcessState[];
  outputs: {
    onBatch: (sink: string, seconds: number, outcome: string) => void;
    depths(): { sink: string; memory: number; spool: number }[];
    targetCounts(): TargetCounts[];
    failingTables(): { output: string; table: string }[];
    states(): OutputState[];
  };
}

/** Outcomes of a batch after which nothing was stored. */
const FAILED: readonly string[] = ['unavailable', 'conflict'];
/** What a reload appends to the name of an output that it closed. */
const CLOSED = / \(closed\)$/;
/** Buckets for the duration of a batch, from a local SQLite to an overloaded server. */
const BATCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The text of /metrics. */
export class NodeMetrics {
  private readonly registry = new Registry();
  private readonly lastOutcome = new Map<string, string>();
  /** The highest totals shown, by output. */
  private readonly highest = new Map<string, number>();
  private reloads = 0;
  private readonly numbers = new Map<string, Counter | Gauge>();

  constructor(private readonly source: MetricsSource) {
    collectDefaultMetrics({ register: this.registry, prefix: 'sipcap_' });
    const batches = new Histogram({
      name: 'sipcap_batch_seconds',
      help: 'Time to store a batch of rows',
      labelNames: ['output', 'outcome'],
      buckets: BATCH_SECONDS,
      registers: [this.registry],
    });
    source.outputs.onBatch = (output, seconds, outcome) => {
      batches.observe({ output, outcome }, seconds);
      this.lastOutcome.set(output, outcome);
    };
  }

  /** An output is down, too, while its last batch was not taken, neither as a whole nor row by row. */
  outputs(): OutputState[] {
    if (this.source.reloads !== this.reloads) this.lastOutcome.clear();
    this.reloads = this.source.reloads;
    const isFailing = (output: string) => FAILED.includes(this.lastOutcome.get(output) ?? '');
    return this.source.outputs
      .states()
      .map(({ output, problem }) => ({ output, problem: problem || (isFailing(output) ? 'unavailable' : '') }));
  }

  /** What keeps the node from being ready, a line each. */
  problems(): string[] {
    const inputs = this.source.inputStatus().map(({ name, problem }) => [`input ${name}`, problem]);
    const outputs = this.outputs().map(({ output, problem }) => [`output ${output}`, problem]);
    const tables = this.source.outputs.failingTables().map(({ output, table }) => [`output ${output}`, `table ${table} cannot be written`]);
    const processes = this.source.processes?.().map(({ index, problem }) => [`process ${index}`, problem]) ?? [];
    return [...processes, ...inputs, ...outputs, ...tables]
      .filter(([, problem]) => problem !== '')
      .map(([name, problem]) => `${name}: ${problem}`);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async text(): Promise<string> {
    await this.source.noteDrops();
    this.update();
    return this.registry.metrics();
  }

  private update(): void {
    for (const metric of this.numbers.values()) metric.reset();
    const { ledger, sinks, inputs } = this.source.summary();
    this.counter('sipcap_packets_total', 'Packets and frames received', {}, ledger.received);
    this.counter('sipcap_bytes_total', 'Bytes of packets and frames received', {}, ledger.bytes);
    for (const [reason, count] of ledger.dropped.entries())
      this.counter('sipcap_dropped_total', 'Packets lost before they were received, by reason', { reason }, count);
    for (const [reason, count] of ledger.without.entries())
      this.counter('sipcap_packets_no_message_total', 'Packets that carried no message, by reason', { reason }, count);
    this.counter('sipcap_packets_partial_total', 'Packets that carried part of a message', {}, ledger.part);
    this.counter('sipcap_packets_complete_total', 'Packets that completed at least one message', {}, ledger.complete);
    this.gauge('sipcap_packets_undecoded', 'Packets waiting undecoded in a spool', {}, ledger.undecoded);
    this.counter('sipcap_messages_found_total', 'Messages found', {}, ledger.found);
    this.counter('sipcap_messages_delivered_total', 'Messages handed to outputs', {}, ledger.delivered);
    for (const [reason, count] of ledger.filtered.entries())
      this.counter('sipcap_messages_filtered_total', 'Messages left out on purpose, by reason', { reason }, count);
    for (const [reason, count] of ledger.rejected.entries())
      this.counter('sipcap_messages_rejected_total', 'Messages rejected, by reason', { reason }, count);
    for (const [note, count] of ledger.notes.entries())
      this.counter('sipcap_notes_total', 'Events worth knowing that lose nothing', { note }, count);
    this.delivered(sinks);
    this.media(this.source.media());
    for (const { output, problem } of this.outputs())
      this.gauge('sipcap_output_up', '1 while the output takes messages', { output }, problem === '' ? 1 : 0);
    for (const { sink, memory, spool } of this.source.outputs.depths()) {
      this.gauge('sipcap_output_queue_messages', 'Messages waiting in memory', { output: sink }, memory);
      this.gauge('sipcap_output_spool_messages', 'Messages waiting in a spool', { output: sink }, spool);
    }
    for (const { output, table } of this.source.outputs.failingTables())
      this.gauge('sipcap_table_failing', '1 while a table cannot be written although its database can', { output, table }, 1);
    for (const { target, up, failures, reconnects } of this.source.outputs.targetCounts()) {
      this.gauge('sipcap_target_up', '1 while the target takes packets', { target }, up ? 1 : 0);
      this.counter('sipcap_target_failures_total', 'Failed connections to a target', { target }, failures);
      this.counter('sipcap_target_reconnects_total', 'Connections to a target after the first', { target }, reconnects);
    }
    for (const { name, packets } of inputs)
      this.counter('sipcap_input_packets_total', 'Packets by listener or interface', { input: name }, packets);
    for (const { name, problem, lastPacketAt, isSilent } of this.source.inputStatus()) {
      this.gauge('sipcap_input_up', '1 while the listener or interface can receive', { input: name }, problem === '' ? 1 : 0);
      const at = 'When an input received its last packet, seconds since 1970, to one second; 0: none yet';
      this.gauge('sipcap_input_last_packet_timestamp_seconds', at, { input: name }, lastPacketAt / 1e6);
      this.gauge('sipcap_input_silent', '1 while an input has received nothing for silent_after', { input: name }, isSilent ? 1 : 0);
    }
    for (const [method, count] of this.source.tally.methods.entries())
      this.counter('sipcap_sip_requests_total', 'SIP requests by method', { method }, count);
    for (const [status, count] of this.source.tally.statuses.entries())
      this.counter('sipcap_sip_replies_total', 'SIP replies by status', { status }, count);
    for (const [name, value] of this.source.scriptMemory.statistics.entries())
      this.gauge('sipcap_script_statistic', 'Statistics of the script (update_stat)', { name }, value);
    for (const { index, problem, restarts } of this.source.processes?.() ?? []) {
      this.gauge('sipcap_process_up', '1 while the process runs', { process: String(index) }, problem === '' ? 1 : 0);
      this.counter('sipcap_process_restarts_total', 'Processes started again after they died', { process: String(index) }, restarts);
    }
    this.gauge('sipcap_capture_on', '1 while SIP is stored', {}, this.source.captureOn ? 1 : 0);
    this.counter('sipcap_reloads_total', 'Configurations reloaded', {}, this.source.reloads);
    this.gauge('sipcap_accounting_errors', 'Totals that do not reconcile: an internal error', {}, this.source.accountingErrors().length);
  }

  /** Messages that an output left in its spool are delivered to its successor of that name once more, and count once. */
  private delivered(sinks: readonly NamedCounts[]): void {
    const totals = new Map<string, { delivered: number; before: number }>();
    for (const { sink, counts } of sinks) {
      const output = sink.replace(CLOSED, '');
      const { delivered, before } = totals.get(output) ?? { delivered: 0, before: 0 };
      const left = (counts.before ?? 0) - (counts.retaken ?? 0);
      totals.set(output, { delivered: delivered + counts.delivered, before: before + left });
    }
    for (const [output, { delivered, before }] of totals) {
      // A process that takes over the spool of one that died counts what was left only when it reads it: no counter decreases.
      const total = Math.max(delivered + Math.max(before, 0), this.highest.get(output) ?? 0);
      this.highest.set(output, total);
      this.counter('sipcap_output_delivered_total', 'Messages delivered to an output', { output }, total);
    }
    for (const { sink, counts } of sinks) {
      const output = sink.replace(CLOSED, '');
      this.counter('sipcap_output_written_total', 'Messages that an output wrote or sent', { output }, counts.written);
      this.counter('sipcap_output_refused_total', 'Messages that an output refused', { output }, counts.refused);
      this.counter('sipcap_output_lost_total', 'Messages that an output lost', { output }, counts.lost);
      if (output === sink) this.gauge('sipcap_output_waiting', 'Messages waiting in memory or in a spool', { output }, counts.waiting);
      for (const [shard, own] of Object.entries(output === sink ? (counts.shards ?? {}) : {})) this.shard(output, shard, own);
      for (const [reason, count] of Object.entries(counts.reasons))
        this.counter('sipcap_output_reasons_total', 'Messages refused or lost by an output, by reason', { output, reason }, count);
    }
  }

  private shard(output: string, shard: string, { delivered, before = 0, written, refused, lost, waiting }: SinkCounts): void {
    this.counter('sipcap_shard_delivered_total', 'Messages delivered to a shard of a database', { output, shard }, delivered + before);
    this.counter('sipcap_shard_written_total', 'Messages that a shard stored', { output, shard }, written);
    this.counter('sipcap_shard_refused_total', 'Messages that a shard refused', { output, shard }, refused);
    this.counter('sipcap_shard_lost_total', 'Messages lost for a shard', { output, shard }, lost);
    this.gauge('sipcap_shard_waiting', 'Messages of a shard waiting in memory or in a spool', { output, shard }, waiting);
  }

  /** For streams that have ended; active ones are a gauge. */
  private media({ streams, totals }: MediaCounts): void {
    if (streams === 0 && totals.streams === 0) return;
    this.gauge('sipcap_rtp_streams', 'RTP streams of calls that go on', {}, streams);
    this.counter('sipcap_rtp_streams_ended_total', 'RTP streams of calls that have ended', {}, totals.streams);
    this.counter('sipcap_rtp_packets_total', 'RTP packets of streams that have ended', {}, totals.packets);
    this.counter('sipcap_rtp_lost_packets_total', 'RTP packets lost before they were captured', {}, totals.lost);
    this.counter('sipcap_rtp_late_packets_total', 'RTP packets out of order', {}, totals.late);
    this.counter('sipcap_rtp_duplicate_packets_total', 'RTP packets that came twice', {}, totals.duplicates);
    const help = 'MOS of RTP streams that have ended, as the buckets of a histogram';
    MOS_BUCKETS.forEach((bound, i) => this.counter('sipcap_rtp_mos_bucket', help, { le: String(bound) }, totals.atMost[i]));
    this.counter('sipcap_rtp_mos_bucket', help, { le: '+Inf' }, totals.rated);
    this.counter('sipcap_rtp_mos_sum', 'Sum of these MOS', {}, totals.mosSum);
    this.counter('sipcap_rtp_mos_count', 'Streams with a MOS', {}, totals.rated);
  }

  /** Adds to the counter, which starts from 0 at each scrape: several may share one set of labels. */
  private counter(name: string, help: string, labels: Record<string, string>, value: number): void {
    this.metric(name, () => new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] })).inc(labels, value);
  }

  private gauge(name: string, help: string, labels: Record<string, string>, value: number): void {
    this.metric(name, () => new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.registry] })).inc(labels, value);
  }

  private metric(name: string, create: () => Counter | Gauge): Counter | Gauge {
    let metric = this.numbers.get(name);
    if (metric === undefined) this.numbers.set(name, (metric = create()));
    return metric;
  }
}
