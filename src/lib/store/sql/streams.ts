/**
 * Advances the streams of a batch, inside its transaction. The stored sequence must be one less than the new one:
 * so a batch whose response was lost is recognised, and a second writer is detected.
 */
import type { StreamState } from '../../base/index.js';
import type { Session } from './session.js';

const FIRST = 'INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES (?, 1, ?, CURRENT_TIMESTAMP)';
const NEXT = 'UPDATE sipcap_position SET sequence = ?, position = ?, updated = CURRENT_TIMESTAMP WHERE stream = ? AND sequence = ?';
const AHEAD = 'UPDATE sipcap_position SET sequence = ?, position = ?, updated = CURRENT_TIMESTAMP WHERE stream = ? AND sequence < ?';
const ANEW = 'INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES (?, ?, ?, CURRENT_TIMESTAMP)';
const STORED = 'SELECT sequence, position FROM sipcap_position WHERE stream = ?';
const FORGET = 'DELETE FROM sipcap_position WHERE stream >= ? AND stream < ?';
const STARTING =
  'SELECT stream, sequence, position FROM sipcap_position WHERE stream >= ? AND stream < ? AND stream LIKE ? ORDER BY stream';
/** Above every character used in keys of streams. */
const ABOVE = '\x7f';

export async function moveStreams(session: Session, streams: readonly StreamState[]): Promise<'moved' | 'known' | 'conflict'> {
  let known = 0;
  for (const stream of streams) {
    if (await move(session, stream)) continue;
    const [stored] = await session.all(STORED, [stream.stream]);
    if (stored === undefined || Number(stored.sequence) !== stream.sequence || stored.position !== stream.position) return 'conflict';
    known++;
  }
  if (known === 0) return 'moved';
  return known === streams.length ? 'known' : 'conflict';
}

async function move(session: Session, { stream, sequence, position }: StreamState): Promise<boolean> {
  if (sequence > 1) return (await session.run(NEXT, [sequence, position, stream, sequence - 1])) === 1;
  if ((await session.all(STORED, [stream])).length > 0) return false;
  return (await session.run(FIRST, [stream, position])) === 1;
}

/** Advances to that sequence, over any gap; never back. */
export async function advanceStream(session: Session, { stream, sequence, position }: StreamState): Promise<void> {
  if ((await session.run(AHEAD, [sequence, position, stream, sequence])) === 1) return;
  if ((await session.all(STORED, [stream])).length === 0) await session.run(ANEW, [stream, sequence, position]);
}

/** Deletes the streams with that key prefix. */
export async function forgetStreams(session: Session, prefix: string): Promise<void> {
  await session.run(FORGET, [prefix, prefix + ABOVE]);
}

/** Streams with that key prefix, containing `part`, as last committed. */
export async function storedStreams(session: Session, prefix: string, part = ''): Promise<StreamState[]> {
  const rows = await session.all(STARTING, [prefix, prefix + ABOVE, `%${part}%`]);
  const states = new Map<string, StreamState>();
  for (const { stream, sequence, position } of rows) {
    const state = { stream: String(stream), sequence: Number(sequence), position: String(position) };
    // Engines without transactions keep earlier states for a while.
    if (state.sequence >= (states.get(state.stream)?.sequence ?? 0)) states.set(state.stream, state);
  }
  return [...states.values()];
}
