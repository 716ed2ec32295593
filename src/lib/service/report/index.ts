/** `report`: HEP packets, lines or a file as reports with a correlation id, stored in the report table or sent as HEP. */
import { UsageError, type Environment } from '../../base/index.js';
import { payloadTypeNumber } from '../../hep/index.js';
import { HepFileSource } from '../../pipeline/input/hep-file-source.js';
import type { RunOptions } from '../../pipeline/options.js';
import { run } from '../../pipeline/run.js';
import { planOf } from '../plan.js';
import { correlationRule } from './correlation.js';
import { parseEndpoint, type LineOptions } from './line-messages.js';
import { LineSource } from './line-source.js';
import { ReportHandler } from './report-handler.js';

export interface ReportOptions extends RunOptions {
  /** Path, or `-`. */
  file: string;
  /** `packets`: HEP; `lines`: each line is a report; `payload`: the whole input is one. */
  input: 'packets' | 'lines' | 'payload';
  /** '' uses the packet's own. */
  correlationId: string;
  /** Rule for packets that have none; '' for none. */
  correlation: string;
  /** Number or name; '' uses the packet's own. */
  payloadType: string;
  source: string;
  destination: string;
  timeField: string;
}

export async function report(options: ReportOptions, env: Environment): Promise<number> {
  const { file, input, correlationId } = options;
  const rule = correlationRule(options.correlation);
  const payloadType = options.payloadType === '' ? -1 : typeNumber(options.payloadType);
  const source =
    input === 'packets'
      ? new HepFileSource([file], env, true)
      : new LineSource({ file, whole: input === 'payload', ...lineOptions(options, payloadType) }, env);
  const unit = input === 'packets' ? 'packet' : 'line';
  return run(
    {
      // Lines arrive at their own pace, as from a socket: an unavailable database does not end the run.
      ...planOf(options, { env, script: null, live: input === 'lines' }),
      source,
      undecoded: false,
      handler: ({ ledger }) => new ReportHandler({ file, unit, payloadType, correlationId, rule }, ledger, env.log),
      uniform: true,
    },
    env,
  );
}

function lineOptions(options: ReportOptions, payloadType: number): LineOptions {
  if (payloadType < 0) throw new UsageError('--lines and --payload need --proto-type: a number, or a name like log, RTCP, CDR');
  if (options.correlationId === '' && options.correlation === '')
    throw new UsageError('--lines and --payload need --correlation-id, or a rule with --correlation');
  return {
    source: parseEndpoint(options.source, '--source'),
    destination: parseEndpoint(options.destination, '--destination'),
    payloadType,
    captureId: options.sinks.hep.encoder.captureId,
    timeField: options.timeField,
  };
}

function typeNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : payloadTypeNumber(text);
  if (number < 0 || number > 255) throw new UsageError(`--proto-type ${text}: no such payload type (sipcap hep chunks lists them)`);
  return number;
}
