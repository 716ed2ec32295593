/** Leaves out messages that are stored twice, in one place or in several: such have the same time, identity and bytes. */
import { NO_STREAM, type Message } from '../../base/index.js';

export async function* withoutRepeats(batches: AsyncGenerator<Message[]>): AsyncGenerator<Message[]> {
  let at = NaN;
  const seen = new Map<string, Buffer>();
  for await (const batch of batches) {
    const kept = batch.filter(({ capturedAt, stream, sequence, payloadType, payload }) => {
      if (stream === NO_STREAM) return true;
      if (capturedAt !== at) {
        at = capturedAt;
        seen.clear();
      }
      // A report within a message has the identity of the message.
      const key = `${stream} ${sequence} ${payloadType}`;
      if (seen.get(key)?.equals(payload) === true) return false;
      seen.set(key, payload);
      return true;
    });
    if (kept.length > 0) yield kept;
  }
}
