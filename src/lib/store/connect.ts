/** Opens a connection to the first of a URL's servers that is reachable and suitable. */
import { UsageError } from '../base/index.js';
import type { DatabaseHost, DatabaseUrl } from './database-url.js';
import type { Access, Engine } from './engine.js';
import { reasonOf } from './sql/faults.js';
import type { Session } from './sql/session.js';
import { withDeadline } from './with-deadline.js';

export async function connect(engine: Engine, url: DatabaseUrl, access: Access, answerMs: number): Promise<Session> {
  const places: readonly (DatabaseHost | null)[] = url.socket !== '' || url.hosts.length === 0 ? [null] : url.hosts;
  const mustWrite = wantsWritable(url, places.length, access);
  const reasons: string[] = [];
  for (const place of places) {
    try {
      return await connectTo(engine, url, place, access, mustWrite, answerMs);
    } catch (error) {
      if (places.length === 1 || error instanceof UsageError) throw error;
      reasons.push(`${place!.host}:${place!.port}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`none of the ${places.length} servers can be used: ${reasons.join('; ')}`);
}

async function connectTo(
  engine: Engine,
  url: DatabaseUrl,
  place: DatabaseHost | null,
  access: Access,
  mustWrite: boolean,
  answerMs: number,
): Promise<Session> {
  const session = await engine.connect(url, place, access);
  try {
    await withDeadline(session, answerMs, async () => {
      if (mustWrite && !(await session.writable())) throw new Error('server is read-only');
      await session.start();
    });
    return session;
  } catch (error) {
    await session.close().catch(() => {});
    throw error;
  }
}

/** A single server is used in any state: it may become writable. Of several the writable one is used. */
function wantsWritable({ parameters }: DatabaseUrl, places: number, access: Access): boolean {
  const asked = parameters.target_session_attrs;
  if (asked !== undefined) return asked !== 'any';
  return places > 1 && access !== 'read';
}
