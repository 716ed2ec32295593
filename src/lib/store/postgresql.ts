import type { Session } from './session.js';
import type { DatabaseUrl } from './url.js';
export async function connectPostgresql(_url: DatabaseUrl): Promise<Session> {
  throw new Error('no driver for postgresql yet');
}
