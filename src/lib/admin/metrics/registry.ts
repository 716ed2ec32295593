/** The numbers of a node as Prometheus reads them; looked up when somebody asks, so that they cost nothing else. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { Ledger, NamedCounts } from '../../base/index.js';
import type { InputSummary } from '../../pipeline/summary.js';

export interface MetricsSource {
  summary(): { ledger: Ledger; sinks: readonly NamedCounts[]; inputs: readonly InputSummary[] };
  tally: { methods: { entries(): [string, number][] }; statuses: { entries(): [string, number][] } };
  captureOn: boolean;
  reloads: number;
  accountingErrors(): string[];
  noteDrops(): Promise<void>;
  outputs: {
    onBatch: (sink: string, seconds: number, outcome: string) => void;
    depths(): { sink: string; memory: number; spool: number }[];
    targetCounts(): TargetCounts[];
  };
}

/** Bounds of what a batch takes, from a local SQLite to a server in trouble. */
const BATCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The text of /metrics. */
export class NodeMetrics {
  private readonly registry = new Registry();
  private readonly seen = new Map<string, number>();

  constructor(private readonly source: MetricsSource) {
    collectDefaultMetrics({ register: this.registry, prefix: 'sipcap_process_' });
    const batches = new Histogram({
      name: 'sipcap_batch_seconds',
      help: 'Time that a batch of rows took to store',
      labelNames: ['sink', 'outcome'],
      buckets: BATCH_SECONDS,
      registers: [this.registry],
    });
    source.outputs.onBatch = (sink, seconds, outcome) => batches.observe({ sink, outcome }, seconds);
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
    const { ledger, sinks, inputs } = this.source.summary();
    this.counter('sipcap_packets_total', 'Packets and frames that were received', {}, ledger.received);
    this.counter('sipcap_bytes_total', 'Bytes of them', {}, ledger.bytes);
    for (const [reason, count] of ledger.dropped.entries())
      this.counter('sipcap_dropped_total', 'Packets lost before us, by reason', { reason }, count);
    for (const [reason, count] of ledger.without.entries())
      this.counter('sipcap_without_message_total', 'Packets that carried no message, by reason', { reason }, count);
    this.counter('sipcap_packets_part_total', 'Packets that only added to a message or may still', {}, ledger.part);
    this.counter('sipcap_packets_with_message_total', 'Packets that completed one message or more', {}, ledger.complete);
    this.gauge('sipcap_kept_packets', 'Packets that wait undecoded in a spool', {}, ledger.undecoded);
    this.counter('sipcap_messages_found_total', 'Messages found', {}, ledger.found);
    this.counter('sipcap_messages_delivered_total', 'Messages handed to sinks', {}, ledger.delivered);
    for (const [reason, count] of ledger.filtered.entries())
      this.counter('sipcap_messages_filtered_total', 'Messages left out on purpose, by reason', { reason }, count);
    for (const [reason, count] of ledger.rejected.entries())
      this.counter('sipcap_messages_rejected_total', 'Messages refused, by reason', { reason }, count);
    for (const [note, count] of ledger.notes.entries())
      this.counter('sipcap_notes_total', 'Things worth knowing that lose nothing', { note }, count);
    for (const { sink, counts } of sinks) {
      this.counter('sipcap_sink_delivered_total', 'Messages delivered to a sink', { sink }, counts.delivered + (counts.before ?? 0));
      this.counter('sipcap_sink_written_total', 'Messages that a sink wrote or sent', { sink }, counts.written);
      this.counter('sipcap_sink_refused_total', 'Messages that a sink refused', { sink }, counts.refused);
      this.counter('sipcap_sink_lost_total', 'Messages that a sink lost', { sink }, counts.lost);
      this.gauge('sipcap_sink_waiting', 'Messages that wait in memory or in a spool', { sink }, counts.waiting);
      for (const [reason, count] of Object.entries(counts.reasons))
        this.counter('sipcap_sink_reasons_total', 'Messages refused or lost by a sink, by reason', { sink, reason }, count);
    }
    for (const { sink, memory, spool } of this.source.outputs.depths()) {
      this.gauge('sipcap_queue_messages', 'Messages that wait in memory', { sink }, memory);
      this.gauge('sipcap_spool_messages', 'Messages that wait in a spool', { sink }, spool);
    }
    for (const { target, up, failures, reconnects } of this.source.outputs.targetCounts()) {
      this.gauge('sipcap_target_up', '1 while the target takes packets', { target }, up ? 1 : 0);
      this.counter('sipcap_target_failures_total', 'Connections to a target that failed', { target }, failures);
      this.counter('sipcap_target_reconnects_total', 'Connections to a target after the first', { target }, reconnects);
    }
    for (const { name, packets } of inputs)
      this.counter('sipcap_input_packets_total', 'Packets by listener or interface', { input: name }, packets);
    for (const [method, count] of this.source.tally.methods.entries())
      this.counter('sipcap_sip_requests_total', 'SIP requests by method', { method }, count);
    for (const [status, count] of this.source.tally.statuses.entries())
      this.counter('sipcap_sip_replies_total', 'SIP replies by status', { status }, count);
    this.gauge('sipcap_capture_on', '1 while SIP is stored', {}, this.source.captureOn ? 1 : 0);
    this.counter('sipcap_reloads_total', 'Configurations that were taken over', {}, this.source.reloads);
    this.gauge('sipcap_broken_laws', 'Sums that do not hold: a bug', {}, this.source.accountingErrors().length);
  }

  /** Brings a counter up to its value; one that went back (an input that was opened anew) begins again. */
  private counter(name: string, help: string, labels: Record<string, string>, value: number): void {
    const metric =
      (this.registry.getSingleMetric(name) as Counter | undefined) ??
      new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
    const key = `${name} ${JSON.stringify(labels)}`;
    const before = this.seen.get(key) ?? 0;
    this.seen.set(key, value);
    metric.inc(labels, value >= before ? value - before : value);
  }

  private gauge(name: string, help: string, labels: Record<string, string>, value: number): void {
    const metric =
      (this.registry.getSingleMetric(name) as Gauge | undefined) ??
      new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
    metric.set(labels, value);
  }
}
