/** Streams that no description announces, after the ladders: text or a line of JSON. */
import { safeJson, type Environment } from '../../../base/index.js';
import type { Zone } from '../../../base/time/index.js';
import { streamJson, streamLines, type StreamReport } from '../../../media/index.js';

/** Maximum in text; JSON has all. */
const MAX_STREAMS = 1000;

export async function writeGuesses(streams: readonly StreamReport[], format: string, times: Zone, env: Environment): Promise<void> {
  if (streams.length === 0) return;
  if (format !== 'text' && format !== 'json') {
    env.log.info(`${streams.length} RTP streams outside known calls: use --format text or json to see them`);
    return;
  }
  const since = streams[0].startedAt;
  const shown = streams.slice(0, MAX_STREAMS);
  const text =
    format === 'json'
      ? `${safeJson({ streams: streams.map(streamJson) })}\n`
      : `RTP outside known calls, times since ${times.text(since)} ${times.label}\n${shown
          .flatMap((stream) => streamLines(stream, since, times))
          .join('\n')}\n`;
  if (format === 'text' && shown.length < streams.length) env.log.info(`showing ${shown.length} of ${streams.length} streams`);
  await new Promise<void>((done) => env.stdout.write(text, () => done()));
}
