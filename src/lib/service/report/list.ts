/** `report list`: stored reports as a table, JSON or CSV. */
import {
  UsageError,
  csvCell,
  endpointText,
  printable,
  safeJson,
  EXIT_DONE,
  EXIT_NOTHING_FOUND,
  EXIT_UNREACHABLE,
  type StoredReport,
  type Environment,
} from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { payloadTypeNumber, payloadTypeText } from '../../hep/index.js';
import { timeRange, type FilterOptions, type TimeRange } from '../../script/filter/index.js';
import { loadShards } from '../../store/index.js';
import { findReports } from '../../store/read/index.js';
import { qualityJson, qualityPoints } from '../../calls/quality/quality-points.js';
import { summaryOf } from '../../calls/quality/summary.js';
import { writeMissingShards } from '../call/missing-shards.js';
import { eachShard } from '../db/each-shard.js';
import { chosenSource, type SourceChoice } from '../source-choice.js';
import { collect } from './collected.js';
import { BORDERLESS } from '../borderless-table.js';

export interface ReportListOptions {
  source: SourceChoice;
  /** HEP without this key is refused; '' accepts all. */
  authKey: string;
  /** '' for whatever there is. */
  table: string;
  correlationId: string;
  payloadType: string;
  /** Times as people write them, and the zone they are in. */
  times: Pick<FilterOptions, 'since' | 'until' | 'last' | 'zone'>;
  limit: number;
  format: 'table' | 'json' | 'csv';
  /** Cells that a spreadsheet would treat as formulas stay unchanged. */
  csvRaw: boolean;
}

export async function reportList(options: ReportListOptions, env: Environment): Promise<number> {
  const payloadType =
    options.payloadType === ''
      ? -1
      : /^\d+$/.test(options.payloadType)
        ? Number(options.payloadType)
        : payloadTypeNumber(options.payloadType);
  if (options.payloadType !== '' && payloadType < 0)
    throw new UsageError(`unknown payload type '${options.payloadType}'; 'sipcap hep chunks' lists them`);
  const zone = new Zone(options.times.zone);
  const range = timeRange(options.times, env.clock);
  const { reports, exitCode, missing = [] } = await reportsFrom(options, { ...range, payloadType }, env);
  const text =
    options.format === 'json'
      ? reports.map(jsonLine).join('')
      : options.format === 'csv'
        ? csv(reports, options.csvRaw)
        : await table(reports, zone);
  env.stdout.write(text);
  await writeMissingShards(missing, options.format, env);
  if (exitCode !== EXIT_DONE) return exitCode;
  return reports.length === 0 ? EXIT_NOTHING_FOUND : EXIT_DONE;
}

/** A database is queried; from other sources all messages are read. */
async function reportsFrom(
  { source, authKey, table, correlationId, limit }: ReportListOptions,
  { since, until, payloadType }: TimeRange & { payloadType: number },
  env: Environment,
): Promise<{ reports: StoredReport[]; exitCode: number; missing?: readonly string[] }> {
  const filter = { correlationIds: correlationId === '' ? [] : [correlationId], payloadType, since, until, limit };
  if (source.db !== '' && source.files.length + source.interfaces.length + source.listeners.length === 0) {
    const stores = await loadShards(source.db, { log: env.log, clock: env.clock, access: 'read' });
    const reports: StoredReport[] = [];
    const missing = await eachShard(stores, env, async (store) => {
      reports.push(...(await findReports(await store.connected(), table, filter)));
    });
    if (stores.length > 1) reports.sort((a, b) => a.capturedAt - b.capturedAt);
    return { reports: reports.slice(-limit), exitCode: missing.length > 0 ? EXIT_UNREACHABLE : EXIT_DONE, missing };
  }
  const isWanted = (report: StoredReport) =>
    (correlationId === '' || report.correlationId === correlationId) &&
    (payloadType < 0 || report.payloadType === payloadType) &&
    (since === null || report.capturedAt >= since) &&
    (until === null || report.capturedAt < until);
  return collect(
    {
      source: await chosenSource(source, { table: '', wanted: { calls: [] } }, true, env),
      authKey,
      durationSeconds: source.durationSeconds,
      isWanted,
      limit,
    },
    env,
  );
}

async function table(reports: readonly StoredReport[], zone: Zone): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const view = new Table({
    head: [`time (${zone.label})`, 'type', 'correlation id', 'from', 'to', 'contents'],
    ...BORDERLESS,
  });
  for (const report of reports) {
    view.push([
      zone.text(report.capturedAt),
      payloadTypeText(report.payloadType),
      printable(report.correlationId),
      printable(endpointText(report.sourceAddress, report.sourcePort)),
      printable(endpointText(report.destinationAddress, report.destinationPort)),
      summaryOf(report.payloadType, report.payload),
    ]);
  }
  return `${view
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n${reports.length === 1 ? '1 report' : `${reports.length} reports`}\n`;
}

function members(report: StoredReport): Record<string, string | number> {
  return {
    time: new Date(Math.floor(report.capturedAt / 1000)).toISOString(),
    micro_ts: report.capturedAt,
    type: report.payloadType,
    correlation_id: report.correlationId,
    source_ip: report.sourceAddress,
    source_port: report.sourcePort,
    destination_ip: report.destinationAddress,
    destination_port: report.destinationPort,
    node: report.node,
  };
}

function jsonLine(report: StoredReport): string {
  const quality = qualityPoints(report.payloadType, report.payload).map(qualityJson);
  return `${safeJson({ ...members(report), ...payloadJson(report.payload), quality })}\n`;
}

/** As `--format json` of a capture: bytes that are not UTF-8 are not lost. */
function payloadJson(payload: Buffer): Record<string, string> {
  const text = payload.toString('utf8');
  return Buffer.from(text).equals(payload) ? { msg: text } : { msg_base64: payload.toString('base64') };
}

function csv(reports: readonly StoredReport[], raw: boolean): string {
  const head = 'time,micro_ts,type,correlation_id,source_ip,source_port,destination_ip,destination_port,node,msg';
  return `${[head, ...reports.map((report) => [...Object.values(members(report)), report.payload.toString('utf8')].map((cell) => csvCell(cell, raw)).join(','))].join('\r\n')}\r\n`;
}
