/** How the outputs of a run are: what waits for each, and whether it takes what it should have. */
import type { CapturedCounts } from './captured-counts.js';
import type { ClosedOutputs } from './closed-outputs.js';
import type { Output, OutputCounts } from './output.js';

export interface OutputDepth {
  sink: string;
  memory: number;
  spool: number;
}

export interface OutputState {
  output: string;
  /** Why it takes nothing; '' while it does. */
  problem: string;
}

/** `published`: quality reports that were stored beside their PUBLISH. */
export function countsOf({ name, sink, database }: Output, published: number): OutputCounts {
  return {
    sink: name,
    counts: database === undefined ? sink.counts() : database.quarantine.withLost(sink.counts()),
    additional: database === undefined ? 0 : published + (database.later?.published ?? 0),
  };
}

export interface FailingTable {
  output: string;
  table: string;
  /** The database's own message. */
  reason: string;
}

export function failingTablesOf(outputs: readonly Output[]): FailingTable[] {
  return outputs.flatMap(({ name, database }) => (database?.failingTables ?? []).map((failing) => ({ output: name, ...failing })));
}

/** What waits for databases and targets. */
export function depthsOf(outputs: readonly Output[]): OutputDepth[] {
  return outputs.flatMap(({ name, database, relay }) => {
    if (database !== undefined) return [{ sink: name, ...database.depth }];
    if (relay === undefined) return [];
    const counts = relay.targets();
    const spool = counts.reduce((sum, each) => sum + each.spooled, 0);
    return [{ sink: name, memory: counts.reduce((sum, each) => sum + each.waiting, 0) - spool, spool }];
  });
}

/** A group of targets is up while one of them is. */
export function statesOf(outputs: readonly Output[]): OutputState[] {
  return outputs.flatMap(({ name, database, relay, absent }) => {
    if (absent !== undefined) return [{ output: name, problem: 'not open' }];
    if (database !== undefined) {
      const { failure, unreachable } = database;
      return [
        { output: name, problem: failure !== '' ? `given up: ${failure}` : unreachable ? 'unavailable, rows wait in the spool' : '' },
      ];
    }
    const targets = relay?.targets() ?? [];
    if (targets.length === 0) return [];
    const isUp = targets.some(({ up }) => up);
    return [{ output: name, problem: isUp ? '' : (targets.find(({ lastError }) => lastError !== '')?.lastError ?? 'not connected yet') }];
  });
}

export function isUnreachable(outputs: readonly Output[]): boolean {
  return outputs.some(
    ({ sink, database, relay, absent }) =>
      absent !== undefined || database?.unreachable === true || (relay !== undefined && sink.counts().waiting > 0),
  );
}

export function areSafe(outputs: readonly Output[]): boolean {
  return outputs.every(({ sink, holds }) => {
    const { waiting, lost } = sink.counts();
    return lost === 0 && (waiting === 0 || holds.length > 0);
  });
}

/**
 * Databases wait for their rows when they are closed: until then those that are open count as delivering. A pipe whose reader has
 * gone away got all that the reader wanted.
 */
export function haveDelivered(open: readonly Output[], leaving: readonly Output[], closed: ClosedOutputs): boolean {
  if (closed.undecodedPackets > 0 || open.some(({ database }) => database !== undefined && database.failure !== '')) return false;
  const others = open.filter(({ database }) => database === undefined);
  const counts = [...[...others, ...leaving].map(({ sink }) => sink.counts()), ...closed.counts.map((line) => line.counts)];
  return counts.every(({ waiting, lost, reasons }) => waiting + lost - (reasons.closed_pipe ?? 0) === 0);
}

/** With what databases took out of packets that waited undecoded. */
export function capturedOf(outputs: readonly Output[], counted: CapturedCounts): { requests: number; replies: number } {
  let { requests, replies } = counted;
  for (const { database } of outputs) {
    requests += database?.later?.captured.requests ?? 0;
    replies += database?.later?.captured.replies ?? 0;
  }
  return { requests, replies };
}
