/** `call stats`: ratios and delays of calls, over all and by group. */
import { columnsOf, csvCell, cutTo, printable, safeJson, type Environment, type Message } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { CallIndex, CallStatistics, type CallFigures, type Grouping, type StatisticsRow } from '../../calls/index.js';
import type { MediaWatch } from '../../extract/media-watch.js';
import { chosenSource } from '../source-choice.js';
import { arrivals, exitCode, runCalls, type CallRunOptions } from './call-run.js';
import type { MessageTaker } from './call-handler.js';
import { writeMissingShards } from './missing-shards.js';
import { wantedCalls, type WantedCalls, type WantedCallsOptions } from './wanted-calls.js';
import { explainCalls } from './explain.js';
import { mediaWatch, type MediaOptions } from './media/call-streams.js';
import { MEDIA_FIGURES, MEDIA_MEMBER_NAMES } from './media/media-figures.js';
import { noteStreams } from './media/note-streams.js';
import type { RowProducer, RowSink } from './row-sink.js';

export interface CallStatsOptions extends WantedCallsOptions, CallRunOptions, MediaOptions {
  /** Print how a database would be searched, and nothing else. */
  explain: boolean;
  by: Grouping;
  perHop: boolean;
  format: 'table' | 'csv' | 'json';
  csvRaw: boolean;
}

interface Figure {
  name: keyof CallFigures;
  title: string;
  digits: number;
}

const FIGURES: readonly Figure[] = [
  { name: 'attempts', title: 'calls', digits: 0 },
  { name: 'answered', title: 'answered', digits: 0 },
  { name: 'asr', title: 'ASR %', digits: 1 },
  { name: 'ner', title: 'NER %', digits: 1 },
  { name: 'ser', title: 'SER %', digits: 1 },
  { name: 'seer', title: 'SEER %', digits: 1 },
  { name: 'isa', title: 'ISA %', digits: 1 },
  { name: 'scr', title: 'SCR %', digits: 1 },
  { name: 'acd', title: 'ACD s', digits: 1 },
  { name: 'srdMs', title: 'SRD ms', digits: 0 },
  { name: 'failedSrdMs', title: 'failed SRD ms', digits: 0 },
  { name: 'setupMs', title: 'setup ms', digits: 0 },
  { name: 'sddMs', title: 'SDD ms', digits: 0 },
  { name: 'registrations', title: 'registrations', digits: 0 },
  { name: 'rrdMs', title: 'RRD ms', digits: 0 },
  { name: 'ira', title: 'IRA %', digits: 1 },
  { name: 'others', title: 'others', digits: 0 },
  { name: 'messages', title: 'messages', digits: 0 },
  { name: 'retransmissionRate', title: 'retransmitted %', digits: 2 },
  ...MEDIA_FIGURES,
];
const BAR = '█';
const BAR_COLUMNS = 24;
const GROUP_COLUMNS = 28;
const MEMBER_NAMES: Partial<Record<keyof CallFigures, string>> = {
  asr: 'asr_percent',
  ner: 'ner_percent',
  ser: 'ser_percent',
  seer: 'seer_percent',
  isa: 'isa_percent',
  scr: 'scr_percent',
  acd: 'acd_seconds',
  srdMs: 'srd_ms',
  failedSrdMs: 'failed_srd_ms',
  setupMs: 'setup_ms',
  sddMs: 'sdd_ms',
  rrdMs: 'rrd_ms',
  ira: 'ira_percent',
  retransmissionRate: 'retransmission_percent',
  ...MEDIA_MEMBER_NAMES,
};

export async function callStats(options: CallStatsOptions, env: Environment): Promise<number> {
  const wanted = await wantedCalls(options, env);
  if (options.explain) return explainCalls(options, wanted, env);
  const media = mediaWatch(options);
  const source = await chosenSource({ ...options.source, media }, wanted.database, false, env);
  let counter = null as CallCounter | null;
  const taker = (rows: RowSink) => (counter = new CallCounter(options, wanted, rows, media, arrivals(source.isLive, env)));
  const { durationSeconds, db } = options.source;
  const code = await runCalls({ source, options, durationSeconds, fromDatabase: db !== '', taker }, env);
  await writeMissingShards(source.missingShards ?? [], options.format, env);
  return exitCode(code, counter?.found ?? 0);
}

class CallCounter implements MessageTaker, RowProducer {
  found = 0;
  private readonly index: CallIndex;
  private readonly statistics: CallStatistics;

  constructor(
    private readonly options: CallStatsOptions,
    private readonly wanted: WantedCalls,
    private readonly rows: RowSink,
    media: MediaWatch | null,
    arrivedAt: (() => number) | undefined,
  ) {
    this.statistics = new CallStatistics(options.by, new Zone(options.filter.zone), options.perHop);
    this.index = new CallIndex({
      arrivedAt,
      onCall: (call) => {
        if (media !== null) noteStreams(media, call);
        if (!call.selected) return;
        const summary = wanted.summaryOf(call);
        if (wanted.test !== null && !wanted.test(summary)) return;
        this.found++;
        this.statistics.add(summary);
      },
    });
  }

  message(message: Message): boolean {
    const call = this.index.add(message);
    if (call !== null) this.wanted.see(call, message);
    return true;
  }

  report(): void {}

  finish(): void {
    this.index.finish();
    if (this.found === 0) return;
    const { format, by, csvRaw } = this.options;
    const total = { group: 'all', figures: this.statistics.total.figures() };
    const rows = by === 'none' ? [total] : this.statistics.rows();
    if (format === 'json') for (const row of by === 'none' ? rows : [...rows, total]) this.rows.row(`${safeJson(json(row, by))}\n`);
    else if (format === 'csv') this.csv(rows, by, csvRaw);
    else this.rows.text(by === 'none' ? list(total) : table(rows, total, by));
  }

  private csv(rows: readonly StatisticsRow[], by: Grouping, raw: boolean): void {
    this.rows.text(`${[by === 'none' ? 'group' : by, ...FIGURES.map(memberName)].join(',')}\r\n`);
    for (const { group, figures } of rows)
      this.rows.row(`${[csvCell(group, raw), ...FIGURES.map(({ name, digits }) => rounded(figures[name], digits) ?? '')].join(',')}\r\n`);
  }
}

function memberName({ name }: Figure): string {
  return MEMBER_NAMES[name] ?? name;
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(Math.max(digits, 3)));
}

function json({ group, figures }: StatisticsRow, by: Grouping): Record<string, string | number | null> {
  const members = FIGURES.map((figure): [string, number | null] => [memberName(figure), rounded(figures[figure.name], figure.digits)]);
  return { by, group, ...Object.fromEntries(members) };
}

function text(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function list({ figures }: StatisticsRow): string {
  const isShown = ({ name }: Figure) => figures[name] !== null || !MEDIA_FIGURES.some((each) => each.name === name);
  return FIGURES.filter(isShown)
    .map(({ name, title, digits }) => `${title.padEnd(18)} ${text(figures[name], digits)}\n`)
    .join('');
}

function padded(group: string): string {
  return group + ' '.repeat(GROUP_COLUMNS - columnsOf(group));
}

/** The bar is the number of calls, or of other items of the group. */
function table(rows: readonly StatisticsRow[], total: StatisticsRow, by: Grouping): string {
  const size = ({ figures }: StatisticsRow) => figures.attempts + figures.registrations + figures.others;
  const most = Math.max(1, ...rows.map(size));
  const shown = FIGURES.filter(({ name }) => total.figures[name] !== null && total.figures[name] !== 0);
  const line = (cells: readonly string[], bar: string) => `${cells.join('  ')}  ${bar}`.trimEnd();
  const width = ({ title }: Figure) => Math.max(title.length, 6);
  const row = (each: StatisticsRow) =>
    line(
      [
        padded(cutTo(printable(each.group), GROUP_COLUMNS)),
        ...shown.map((figure) => text(each.figures[figure.name], figure.digits).padStart(width(figure))),
      ],
      each === total ? '' : BAR.repeat(Math.round((size(each) * BAR_COLUMNS) / most)),
    );
  const head = line([by.padEnd(GROUP_COLUMNS), ...shown.map((figure) => figure.title.padStart(width(figure)))], '');
  return `${[head, ...rows.map(row), row(total)].join('\n')}\n`;
}
