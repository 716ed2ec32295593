/** The summary of a run: a text block for people or one JSON line for scripts. */
import type { Writable } from 'node:stream';
import { accountingErrors, escapedLine, grouped, type Counters, type Ledger, type NamedCounts, type SinkCounts } from '../base/index.js';

/** `short` is one line; `none` is nothing; `auto` is one line on a terminal if nothing was lost, else `full`. */
export type SummaryForm = 'full' | 'short' | 'json' | 'none' | 'auto';

export interface RunSummary {
  ledger: Ledger;
  sinks: readonly NamedCounts[];
  /** The sources: files with their outcome, or listeners. */
  inputs: readonly InputSummary[];
  /** 'files', 'listeners' or 'interfaces'. */
  inputKind: string;
  /** What one unit of input is called: 'packets' of a file, 'datagrams' of a listener. */
  unit: string;
  /** Wall time of the run, seconds. */
  seconds: number;
  /** False if sinks may get different messages. */
  uniform?: boolean;
  /** What a script counted with update_stat(). */
  statistics?: readonly [string, number][];
}

export interface InputSummary {
  name: string;
  packets: number;
  bytes: number;
  /** The problem with it, '' if none. */
  problem: string;
}

/** Maximum number of script statistics in the text: their names may come from traffic. */
const MAX_STATISTICS = 100;

/** Prints the summary of a run. */
export function writeSummary(input: RunSummary, form: SummaryForm, stream: Writable & { isTTY?: boolean }): void {
  if (form === 'json') stream.write(`${JSON.stringify(summaryJson(input))}\n`);
  else if (form !== 'none') {
    const isShort = form === 'short' || (form === 'auto' && stream.isTTY === true && isClean(input));
    stream.write(isShort ? summaryLine(input) : summaryText(input));
  }
}

/** Nothing was lost, rejected, left waiting or found faulty. */
function isClean({ ledger, sinks, inputs, uniform }: RunSummary): boolean {
  return (
    ledger.dropped.total() + ledger.rejected.total() + ledger.lost.total() + ledger.undecoded === 0 &&
    ledger.stream.lostInGaps + ledger.stream.givenUp + ledger.stream.missing === 0 &&
    inputs.every(({ problem }) => problem === '') &&
    sinks.every(({ counts }) => counts.refused + counts.waiting + counts.lost === 0) &&
    accountingErrors(ledger, sinks, uniform).length === 0
  );
}

export function summaryJson(input: RunSummary): Record<string, unknown> {
  const { ledger, sinks, seconds } = input;
  return {
    [input.inputKind]: input.inputs,
    bytes: ledger.bytes,
    frames: {
      offered: ledger.received + ledger.dropped.total() + ledger.undecoded,
      received: ledger.received,
      dropped: ledger.dropped.toJSON(),
      undecoded: ledger.undecoded,
      no_message: ledger.without.toJSON(),
      partial: ledger.part,
      complete: ledger.complete,
    },
    messages: {
      found: ledger.found,
      filtered: ledger.filtered.toJSON(),
      rejected: ledger.rejected.toJSON(),
      delivered: ledger.delivered,
      lost: ledger.lost.toJSON(),
    },
    stream_bytes: {
      received: ledger.stream.received,
      framed: ledger.stream.framed,
      skipped: ledger.stream.skipped,
      lost_in_gaps: ledger.stream.lostInGaps,
      given_up: ledger.stream.givenUp,
      held: ledger.stream.held,
      missing: ledger.stream.missing,
    },
    sinks: sinks.map(({ sink, counts }) => ({ sink, ...counts })),
    notes: ledger.notes.toJSON(),
    script_statistics: Object.fromEntries(input.statistics ?? []),
    first: isoTime(ledger.firstAt),
    last: isoTime(ledger.lastAt),
    seconds: Number(seconds.toFixed(3)),
    messages_per_second: Math.round(ledger.found / Math.max(seconds, 0.001)),
    accounting_errors: accountingErrors(ledger, sinks, input.uniform),
  };
}

/** Found, delivered and lost messages on one line. */
export function summaryLine({ ledger, sinks, seconds, inputs, inputKind, uniform }: RunSummary): string {
  const dropped = ledger.dropped.total();
  const parts = [`${grouped(inputs.length)} ${inputKind}`, `${grouped(ledger.found)} messages`, `${grouped(ledger.delivered)} delivered`];
  if (ledger.rejected.total() > 0) parts.push(`${grouped(ledger.rejected.total())} rejected`);
  if (dropped > 0) parts.push(`${grouped(dropped)} packets dropped`);
  for (const { sink, counts } of sinks)
    for (const what of ['refused', 'waiting', 'lost'] as const)
      if (counts[what] > 0) parts.push(`${sink}: ${grouped(counts[what])} ${what}`);
  if (accountingErrors(ledger, sinks, uniform).length > 0) parts.push('BUG: accounting errors, see --summary full');
  return `${parts.join(', ')} in ${seconds.toFixed(2)} s\n`;
}

export function summaryText(input: RunSummary): string {
  const { ledger, sinks, inputs, seconds, unit } = input;
  const lines: string[] = [];
  const row = (name: string, text: string) => lines.push(`${name.padEnd(10)} ${text}`.trimEnd());
  row(input.inputKind, `${inputs.length} with ${grouped(ledger.received)} ${unit}, ${grouped(ledger.bytes)} bytes${trafficSpan(ledger)}`);
  for (const { name, problem } of inputs) if (problem !== '') row('', `${name}: ${problem}`);
  row(
    unit === 'packets' ? 'packets' : 'received',
    `${grouped(ledger.received)} = ${grouped(ledger.without.total())} without a message + ${grouped(ledger.part)} part of one + ${grouped(ledger.complete)} with one or more${reasons(ledger.without, 'no_sip')}`,
  );
  if (ledger.dropped.total() > 0) row('dropped', `${grouped(ledger.dropped.total())} before us${reasons(ledger.dropped)}`);
  if (ledger.undecoded > 0) row('undecoded', `${grouped(ledger.undecoded)} wait in the spool`);
  row(
    'messages',
    `${grouped(ledger.found)} found = ${grouped(ledger.filtered.total())} filtered${reasons(ledger.filtered)} + ${grouped(ledger.rejected.total())} rejected${reasons(ledger.rejected)} + ${grouped(ledger.delivered)} delivered`,
  );
  const { stream } = ledger;
  if (stream.received + stream.missing > 0)
    row(
      'streams',
      `${grouped(stream.received)} bytes = ${grouped(stream.framed)} framed + ${grouped(stream.skipped)} skipped + ${grouped(stream.lostInGaps)} lost in gaps + ${grouped(stream.givenUp)} given up${stream.held > 0 ? ` + ${grouped(stream.held)} held` : ''}${stream.missing > 0 ? `; ${grouped(stream.missing)} bytes missing` : ''}`,
    );
  if (ledger.lost.total() > 0) row('lost', `${grouped(ledger.lost.total())} messages in part captured${reasons(ledger.lost)}`);
  for (const { sink, counts } of sinks.flatMap(withShards)) {
    const why = Object.entries(counts.reasons)
      .map(([reason, n]) => `${reason} ${grouped(n)}`)
      .join(', ');
    row(
      sink,
      `${grouped(counts.delivered)} delivered${counts.before === undefined || counts.before === 0 ? '' : ` + ${grouped(counts.before)} from before`} = ${writtenText(counts)} + ${grouped(counts.refused)} refused + ${grouped(counts.waiting)} waiting + ${grouped(counts.lost)} lost${counts.present === undefined || counts.present === 0 ? '' : ` + ${grouped(counts.present)} already stored`}${counts.transferred === undefined || counts.transferred === 0 ? '' : ` + ${grouped(counts.transferred)} transferred with the spool`}${why === '' ? '' : ` (${why})`}`,
    );
  }
  if (ledger.notes.total() > 0)
    row(
      'notes',
      ledger.notes
        .entries()
        .map(([name, n]) => `${name} ${grouped(n)}`)
        .join(', '),
    );
  const { statistics = [] } = input;
  const shown = statistics.slice(0, MAX_STATISTICS).map(([name, n]) => `${escapedLine(name)} ${grouped(n)}`);
  if (statistics.length > MAX_STATISTICS) shown.push(`and ${grouped(statistics.length - MAX_STATISTICS)} more`);
  if (shown.length > 0) row('statistics', shown.join(', '));
  row('time', `${seconds.toFixed(2)} s, ${grouped(Math.round(ledger.found / Math.max(seconds, 0.001)))} messages/s`);
  for (const law of accountingErrors(ledger, sinks, input.uniform)) row('BUG', `totals do not reconcile: ${law}`);
  return `${lines.join('\n')}\n`;
}

/** A line for the output, and one for each of its shards. */
function withShards({ sink, counts }: NamedCounts): NamedCounts[] {
  const shards = Object.entries(counts.shards ?? {}).map(([shard, own]) => ({ sink: `  ${shard}`, counts: own, additional: 0 }));
  return [{ sink, counts } as NamedCounts, ...shards];
}

/** What went out over UDP may have arrived. */
function writtenText({ written, unconfirmed = 0 }: SinkCounts): string {
  if (unconfirmed === 0) return `${grouped(written)} written`;
  return unconfirmed === written
    ? `${grouped(written)} sent, not confirmed`
    : `${grouped(written)} written (${grouped(unconfirmed)} not confirmed)`;
}

function reasons(counters: Counters, usual = ''): string {
  const entries = counters.entries();
  if (entries.length === 0 || (entries.length === 1 && entries[0][0] === usual)) return '';
  return ` (${entries.map(([name, n]) => `${name} ${grouped(n)}`).join(', ')})`;
}

function trafficSpan(ledger: Ledger): string {
  if (ledger.firstAt === 0) return '';
  return `, ${isoTime(ledger.firstAt)!.slice(0, 19).replace('T', ' ')} to ${isoTime(ledger.lastAt)!.slice(0, 19).replace('T', ' ')} UTC`;
}

function isoTime(microseconds: number): string | null {
  return microseconds === 0 ? null : new Date(Math.floor(microseconds / 1000)).toISOString();
}
