import type { Session } from './session.js';
import type { DatabaseUrl } from './url.js';
export async function connectMysql(_url: DatabaseUrl): Promise<Session> {
  throw new Error('no driver for mysql yet');
}
