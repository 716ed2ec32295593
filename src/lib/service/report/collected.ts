/** Reports and messages of a run, collected for a look-up; nothing is stored. */
import { PAYLOAD_SIP, type Environment, type Message, type StoredReport } from '../../base/index.js';
import { publishedReport } from '../../extract/published-report.js';
import type { MessageFilter } from '../../pipeline/message-filter.js';
import { rejected, type Handler, type Outcome } from '../../pipeline/handler.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import { reportOfMessage } from '../../store/read/index.js';

export interface Collection {
  source: RunSource;
  filter?: MessageFilter | null;
  durationSeconds: number;
  /** Quality reports within PUBLISH have rows of their own there. */
  fromDatabase: boolean;
  /** Whether a SIP message, read, is wanted; whether a report is. */
  wantsMessage(message: Message): boolean;
  wantsReport(report: StoredReport): boolean;
  /** The first messages and the newest reports are kept. */
  maxMessages: number;
  maxReports: number;
}

export interface Collected {
  messages: Message[];
  reports: StoredReport[];
  /** Of the run that read them. */
  exitCode: number;
}

export async function collect(collection: Collection, env: Environment): Promise<Collected> {
  const { source, filter, durationSeconds, maxMessages, maxReports, fromDatabase } = collection;
  const messages: Message[] = [];
  let reports: StoredReport[] = [];
  const newest = () => reports.sort((a, b) => a.capturedAt - b.capturedAt).slice(-maxReports);
  const take = (message: Message) => {
    const report = reportOfMessage(message);
    if (!collection.wantsReport(report)) return;
    reports.push({ ...report, payload: Buffer.from(report.payload) });
    if (reports.length >= 2 * maxReports) reports = newest();
  };
  const exitCode = await run(
    {
      source,
      filter,
      outputs: () => [],
      handler: ({ intake }): Handler => ({
        handle(message): Outcome {
          if (message.payloadType === PAYLOAD_SIP) {
            const wrong = intake.preparer.sip(message);
            if (wrong !== '') return rejected(wrong);
            if (messages.length < maxMessages && collection.wantsMessage(message)) messages.push(kept(message));
            const published = fromDatabase ? null : publishedReport(message, message.sip!);
            if (published !== null) take(published);
          } else take(message);
          return null;
        },
      }),
      undecoded: false,
      count: 0,
      durationSeconds,
      drainSeconds: 0,
      advice: '',
      quiet: true,
      summary: 'none',
      uniform: true,
    },
    env,
  );
  return { messages, reports: newest(), exitCode };
}

/** Buffers that packets arrive in are used again. */
function kept(message: Message): Message {
  return { ...message, payload: Buffer.from(message.payload), envelope: null };
}
