/** The reports of a run, collected for a list; nothing is stored. */
import { PAYLOAD_SIP, type Environment, type Message, type StoredReport } from '../../base/index.js';
import { publishedReport } from '../../extract/published-report.js';
import { RepeatWindow } from '../../hep/index.js';
import { rejected, type Handler, type Outcome } from '../../pipeline/handler.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import { reportOfMessage } from '../../store/read/index.js';

export interface Collection {
  source: RunSource;
  /** HEP without this key is refused; '' accepts all. */
  authKey: string;
  durationSeconds: number;
  isWanted(report: StoredReport): boolean;
  /** The newest are kept. */
  limit: number;
}

export interface Collected {
  reports: StoredReport[];
  /** Of the run that read them. */
  exitCode: number;
}

export async function collect({ source, authKey, durationSeconds, isWanted, limit }: Collection, env: Environment): Promise<Collected> {
  let reports: StoredReport[] = [];
  const newest = () => reports.sort((a, b) => a.capturedAt - b.capturedAt).slice(-limit);
  const take = (message: Message) => {
    const report = reportOfMessage(message);
    if (!isWanted(report)) return;
    // Receive buffers are reused.
    reports.push({ ...report, payload: Buffer.from(report.payload) });
    if (reports.length >= 2 * limit) reports = newest();
  };
  const exitCode = await run(
    {
      source,
      outputs: () => [],
      handler: ({ intake }): Handler => ({
        handle(message): Outcome {
          if (message.payloadType !== PAYLOAD_SIP) {
            take(message);
            return null;
          }
          const wrong = intake.preparer.sip(message);
          if (wrong !== '') return rejected(wrong);
          const published = publishedReport(message, message.sip!);
          if (published !== null) take(published);
          return null;
        },
      }),
      undecoded: false,
      hep: authKey === '' ? {} : { authKey: Buffer.from(authKey) },
      repeats: source.kind === 'listeners' ? new RepeatWindow() : null,
      count: 0,
      durationSeconds,
      drainSeconds: 0,
      advice: () => '',
      quiet: true,
      summary: 'none',
      uniform: true,
    },
    env,
  );
  return { reports: newest(), exitCode };
}
