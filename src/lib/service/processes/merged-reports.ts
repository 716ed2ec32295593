/** All reports of a group as the ledger and the counters of one run: of the processes that run, and of those that have ended. */
import { Ledger, addLedgerCounts } from '../../base/index.js';
import type { OutputCounts } from '../../pipeline/output/output.js';
import type { InputSummary } from '../../pipeline/summary.js';
import { countsAtEnd, handedOver, mergedInputs, mergedNumbers, mergedSinks } from './merged-counts.js';
import type { ProcessReport } from './protocol.js';

/** What a process that has ended left in its spool, until its successor counts it. */
interface Left {
  sinks: OutputCounts[];
  undecoded: number;
}

interface Counted {
  requests: number;
  replies: number;
  methods: Record<string, number>;
  statuses: Record<string, number>;
  statistics: Record<string, number>;
}

export class MergedReports {
  readonly ledger = new Ledger();
  /** Of the processes that run, by index. */
  readonly running: (ProcessReport | null)[];
  private readonly left: (Left | null)[];
  /** Of those that have ended. */
  private sinksBefore: OutputCounts[] = [];
  private inputsBefore: InputSummary[] = [];
  private before: Counted = { requests: 0, replies: 0, methods: {}, statuses: {}, statistics: {} };

  constructor(count: number) {
    this.running = Array.from({ length: count }, () => null);
    this.left = Array.from({ length: count }, () => null);
  }

  add(index: number, report: ProcessReport): void {
    const left = this.left[index];
    if (left !== null) {
      this.left[index] = null;
      this.ledger.undecoded -= left.undecoded;
      this.sinksBefore = mergedSinks([...this.sinksBefore, ...left.sinks.map(handedOver)]);
    }
    addLedgerCounts(this.ledger, this.running[index]?.ledger ?? null, report.ledger);
    this.running[index] = report;
  }

  /** The process has ended, after it reported all (`hasDied`: or not). */
  end(index: number, hasDied: boolean): void {
    const report = this.running[index];
    if (report === null) return;
    this.running[index] = null;
    const { undecoded, stream } = report.ledger;
    this.ledger.stream.held -= stream.held;
    this.ledger.stream.givenUp += stream.held;
    this.left[index] = { sinks: countsAtEnd(report, hasDied), undecoded };
    this.inputsBefore = mergedInputs([...this.inputsBefore, ...report.inputs]);
    this.before = this.counted([this.before, countedOf(report)]);
  }

  sinks(): OutputCounts[] {
    const running = this.reports.flatMap(({ sinks }) => sinks);
    return mergedSinks([...running, ...this.sinksBefore, ...this.left.flatMap((left) => left?.sinks ?? [])]);
  }

  inputs(): InputSummary[] {
    return mergedInputs([...this.reports.flatMap(({ inputs }) => inputs), ...this.inputsBefore]);
  }

  get reports(): ProcessReport[] {
    return this.running.filter((report) => report !== null);
  }

  /** What was counted besides messages. */
  get totals(): Counted {
    return this.counted([this.before, ...this.reports.map(countedOf)]);
  }

  private counted(all: readonly Counted[]): Counted {
    return {
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
      replies: all.reduce((sum, { replies }) => sum + replies, 0),
      methods: mergedNumbers(all.map(({ methods }) => methods)),
      statuses: mergedNumbers(all.map(({ statuses }) => statuses)),
      statistics: mergedNumbers(all.map(({ statistics }) => statistics)),
    };
  }
}

function countedOf({ captured, methods, statuses, statistics }: ProcessReport): Counted {
  return { ...captured, methods, statuses, statistics: Object.fromEntries(statistics) };
}
