/** `call export`: the messages of selected calls and their legs, unchanged or anonymised. */
import { randomBytes } from 'node:crypto';
import { EXIT_DONE, PAYLOAD_SIP, UsageError, type Environment, type Message } from '../../base/index.js';
import { Anonymiser, type LegFinder } from '../../calls/index.js';
import type { MediaWatch } from '../../extract/media-watch.js';
import type { MessagePreparer } from '../../extract/prepare-message.js';
import { filtered, rejected, type Handler, type MessageOutputs, type Outcome } from '../../pipeline/handler.js';
import { run } from '../../pipeline/run.js';
import { exitCode, lookPlan } from './call-run.js';
import { wantedCalls, type WantedCalls } from './wanted-calls.js';
import { appendMissingShards, writeMissingShards } from './missing-shards.js';
import { MediaCopier, checkMedia } from './export/media-copier.js';
import { exportForm, exportOutput, refuseOverwriting, type ExportForm } from './export/output.js';
import { mediaWatch } from './media/call-streams.js';
import { MessageScan } from './scan.js';
import { findLegs, reportMissing } from './show/find-calls.js';
import { legOptions, refuseNoChoice, type CallChoiceOptions } from './show.js';

export interface CallExportOptions extends CallChoiceOptions {
  write: string;
  form: ExportForm | undefined;
  anonymise: boolean;
  /** The key that repeats the mapping of another export; '' for a new one. */
  anonymiseKey: string;
  keepPrefix: number;
  strict: boolean;
  /** Their RTP as well. */
  media: boolean;
}

export async function callExport(options: CallExportOptions, env: Environment): Promise<number> {
  const { write } = options;
  const form = exportForm(write, options.form);
  refuseOverwriting(write, options.source.files);
  if (write === '-' && form !== 'json' && form !== 'text' && (env.stdout as { isTTY?: boolean }).isTTY === true)
    throw new UsageError('binary data is not written to a terminal: specify -w FILE, or --format text');
  const wanted = await wantedCalls(options, env);
  refuseNoChoice(options, wanted);
  const anonymiser = anonymiserOf(options);
  if (options.media) checkMedia(form, anonymiser !== null, options.source);
  const media = mediaWatch({ media: options.media, rtpGuess: false });
  const needs = { keepFrames: form === 'pcap' && anonymiser === null };
  const scan = new MessageScan({ ...options, source: { ...options.source, media } }, env, needs);
  try {
    return await exported({ options, form, wanted, anonymiser, media, scan }, env);
  } finally {
    await scan.close();
  }
}

interface Export {
  options: CallExportOptions;
  form: ExportForm;
  wanted: WantedCalls;
  anonymiser: Anonymiser | null;
  media: MediaWatch | null;
  scan: MessageScan;
}

async function exported({ options, form, wanted, anonymiser, media, scan }: Export, env: Environment): Promise<number> {
  const { write, filter } = options;
  const finder = await findLegs(scan, wanted, options, await legOptions(options), env, anonymiser);
  const callIds = new Set(finder?.legs.keys() ?? []);
  const known = found(finder);
  if (!scan.isInterrupted) reportMissing(options.callIds, known, env);
  // An output that was there before stays as it is.
  if (known.size === 0 || scan.isInterrupted) {
    if (write === '-') await writeMissingShards(missingOf(scan), form, env);
    return exitCode(scan.code, 0);
  }
  const copier = media === null ? null : new MediaCopier(media, callIds);
  let messages = 0;
  const code = await run(
    {
      ...lookPlan(await scan.source(wanted.callsByIds([...callIds])), options, 0),
      outputs: ({ onClosed }) => {
        const output = exportOutput({ path: write, form, zone: filter.zone }, env, () => onClosed('file'));
        return [copier === null ? output : copier.into(output)];
      },
      handler: ({ intake }) => new ExportHandler(intake.preparer, callIds, anonymiser, form, () => messages++),
      uniform: true,
    },
    env,
  );
  await appendMissingShards(write, missingOf(scan), form, env);
  const worst = scan.code === EXIT_DONE ? code : scan.code;
  if (messages > 0 && !options.quiet) {
    report(messages, callIds.size, anonymiser, env);
    if (copier !== null) env.log.info(`${copier.packets} RTP packets of these calls`);
  }
  return exitCode(worst, messages);
}

/** The Call-IDs of what was found. */
function found(finder: LegFinder | null): ReadonlySet<string> {
  if (finder === null) return new Set();
  return new Set([...finder.messages.map(({ sip }) => sip!.callId), ...finder.reports.map(({ correlationId }) => correlationId)]);
}

function missingOf(scan: MessageScan): readonly string[] {
  return scan.reader?.missing ?? [];
}

function anonymiserOf({ anonymise, anonymiseKey, keepPrefix, strict }: CallExportOptions): Anonymiser | null {
  if (!anonymise && (anonymiseKey !== '' || keepPrefix > 0 || strict))
    throw new UsageError('--anonymise-key, --keep-prefix and --strict need --anonymise');
  if (!anonymise) return null;
  return new Anonymiser({ key: anonymiseKey === '' ? randomBytes(32) : Buffer.from(anonymiseKey), keepPrefix, strict });
}

function report(messages: number, calls: number, anonymiser: Anonymiser | null, env: Environment): void {
  env.log.info(`${messages} messages of ${calls} Call-IDs`);
  for (const [note, count] of anonymiser?.notes.entries() ?? []) env.log.info(`anonymised: ${note} (${count})`);
}

class ExportHandler implements Handler {
  constructor(
    private readonly preparer: MessagePreparer,
    private readonly callIds: ReadonlySet<string>,
    private readonly anonymiser: Anonymiser | null,
    private readonly form: ExportForm,
    private readonly onMessage: () => void,
  ) {}

  handle(message: Message, outputs: MessageOutputs): Outcome {
    if (message.payloadType !== PAYLOAD_SIP) return this.report(message, outputs);
    const wrong = this.preparer.sip(message);
    if (wrong !== '') return rejected(wrong);
    if (!this.callIds.has(message.sip!.callId)) return filtered('other_call');
    if (this.anonymiser === null) outputs.store(message);
    else {
      const changed = this.anonymiser.message(message);
      this.preparer.sip(changed);
      outputs.store(changed);
    }
    this.onMessage();
    return null;
  }

  /** Our JSON reports cannot be written to capture files or text, unless they have the frame they were made from. */
  private report(message: Message, outputs: MessageOutputs): Outcome {
    if (!this.callIds.has(message.correlationId)) return filtered('other_call');
    if (this.anonymiser !== null) return filtered('report_not_anonymised');
    if (this.form === 'text' || (this.form === 'pcap' && message.frames.length === 0)) return filtered('report');
    outputs.store(message);
    return null;
  }
}
