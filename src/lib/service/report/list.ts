/** `report list`: stored reports as a table, JSON or CSV. */
import { UsageError, endpointText, printable, timeText, EXIT_DONE, type StoredReport, type Environment } from '../../base/index.js';
import { payloadTypeNumber, payloadTypeText } from '../../hep/index.js';
import { findReports, loadStore } from '../../store/index.js';
import { qualityJson, qualityPoints } from '../../calls/quality/quality-points.js';
import { summaryOf } from '../../calls/quality/summary.js';

export interface ReportListOptions {
  db: string;
  table: string;
  correlationId: string;
  payloadType: string;
  from: string;
  to: string;
  limit: number;
  format: 'table' | 'json' | 'csv';
}

/** Lines without borders: for eyes and for grep. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export async function reportList(options: ReportListOptions, env: Environment): Promise<number> {
  const payloadType =
    options.payloadType === ''
      ? -1
      : /^\d+$/.test(options.payloadType)
        ? Number(options.payloadType)
        : payloadTypeNumber(options.payloadType);
  if (options.payloadType !== '' && payloadType < 0) throw new UsageError(`--proto-type ${options.payloadType}: no such payload type`);
  const store = await loadStore(options.db, { log: env.log, clock: env.clock, access: 'read' });
  await store.open();
  try {
    const reports = await findReports(await store.connected(), options.table, {
      correlationId: options.correlationId,
      payloadType,
      from: timeOf(options.from, '--from'),
      to: timeOf(options.to, '--to'),
      limit: options.limit,
    });
    const text =
      options.format === 'json' ? reports.map(jsonLine).join('') : options.format === 'csv' ? csv(reports) : await table(reports);
    env.stdout.write(text);
  } finally {
    await store.close();
  }
  return EXIT_DONE;
}

/** `YYYY-MM-DD HH:MM:SS` of what a person writes. */
function timeOf(text: string, option: string): string {
  if (text === '') return '';
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?)?$/.exec(text);
  if (match === null || Number.isNaN(Date.parse(match[1])))
    throw new UsageError(`${option} ${text}: write 2026-01-15 or "2026-01-15 09:30"`);
  return `${match[1]} ${match[2] ?? '00:00'}${match[3] ?? ':00'}`;
}

async function table(reports: readonly StoredReport[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const view = new Table({
    head: ['time (UTC)', 'type', 'correlation id', 'from', 'to', 'what it says'],
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const report of reports) {
    view.push([
      timeText(report.capturedAt),
      payloadTypeText(report.payloadType),
      printable(report.correlationId),
      endpointText(report.sourceAddress, report.sourcePort),
      endpointText(report.destinationAddress, report.destinationPort),
      summaryOf(report.payloadType, report.payload),
    ]);
  }
  return `${view
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n${reports.length} reports\n`;
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
  return `${JSON.stringify({ ...members(report), ...payloadJson(report.payload), quality })}\n`;
}

/** As `--format json` of a capture: bytes that are no UTF-8 are not lost. */
function payloadJson(payload: Buffer): Record<string, string> {
  const text = payload.toString('utf8');
  return Buffer.from(text).equals(payload) ? { msg: text } : { msg_base64: payload.toString('base64') };
}

/** RFC 4180. */
function csv(reports: readonly StoredReport[]): string {
  const head = 'time,micro_ts,type,correlation_id,source_ip,source_port,destination_ip,destination_port,node,msg';
  const quote = (value: string | number) =>
    typeof value === 'number' || !/[",\r\n]/.test(value) ? String(value) : `"${value.replaceAll('"', '""')}"`;
  return `${[head, ...reports.map((report) => [...Object.values(members(report)), report.payload.toString('utf8')].map(quote).join(','))].join('\r\n')}\r\n`;
}
