/**
 * Moves the streams of a batch on, inside its transaction. The stored sequence must be one less than the new
 * one: so a batch whose answer was lost is known again, and a second writer is noticed.
 */
import type { StreamState } from '../base/index.js';
import type { SqliteConnection } from './sqlite-connection.js';

const MOVE = `INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES (?, ?, ?, datetime('now'))
ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, position = excluded.position, updated = excluded.updated
WHERE sipcap_position.sequence = excluded.sequence - 1`;

export async function moveStreams(db: SqliteConnection, streams: readonly StreamState[]): Promise<'moved' | 'known' | 'conflict'> {
  let known = 0;
  for (const { stream, sequence, position } of streams) {
    if ((await db.run(MOVE, [stream, sequence, position])) === 1) continue;
    const [stored] = await db.all('SELECT sequence, position FROM sipcap_position WHERE stream = ?', [stream]);
    if (stored?.sequence !== sequence || stored.position !== position) return 'conflict';
    known++;
  }
  if (known === 0) return 'moved';
  return known === streams.length ? 'known' : 'conflict';
}
