/**
 * The streams under which a live source's batches are recognised. A batch with identities goes to one of many streams in
 * turn, so that the identities of the last ones stay in the database.
 */
import { randomUUID } from 'node:crypto';
import type { Message, StreamState } from '../../base/index.js';
import { ReceivedIdentities } from './received-identities.js';

/** Prefix of the streams whose position is a list of identities. */
export const RECEIVED_PREFIX = 'live:received:';
/** Batches whose identities are kept: over a minute's, and more messages than a sender repeats. */
export const RECEIVED_BATCHES = 256;

/** Begins with the time, so that the newest run sorts last. */
export function receivedName(now: number): string {
  return `${RECEIVED_PREFIX}${Math.floor(now / 1000)
    .toString(36)
    .padStart(10, '0')}-${randomUUID()}`;
}

export class LiveStream {
  private id = '';
  private received = '';
  private batch = 0;
  private readonly identities = new ReceivedIdentities();

  /** `now`: microseconds since 1970. */
  constructor(private readonly now: () => number = () => 0) {
    this.begin();
  }

  /** The message is in the open batch. */
  note(message: Message): void {
    this.identities.note(message);
  }

  /** The batch is closed. */
  positions(): { stream: string; position: string }[] {
    if (this.identities.isEmpty) return [{ stream: `live:${this.id}`, position: '' }];
    return [{ stream: `${this.received}:${this.batch++ % RECEIVED_BATCHES}`, position: this.identities.take() }];
  }

  /** Names the streams anew, and with them those of batches that wait. */
  renew(states: readonly StreamState[][]): { stream: string; position: string }[][] {
    this.begin();
    return states.map((streams) => streams.map(({ stream, position }) => ({ stream: this.renamed(stream), position })));
  }

  private renamed(stream: string): string {
    return stream.startsWith(RECEIVED_PREFIX) ? this.received + stream.slice(stream.lastIndexOf(':')) : `live:${this.id}`;
  }

  /** The names are random, so that no two writers share one. */
  private begin(): void {
    this.id = randomUUID();
    this.received = receivedName(this.now());
  }
}
