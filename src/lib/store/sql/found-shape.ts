/** The set of tables that a database has: those of Homer 7 if it has them and none of ours. */
import { HOMER7_CALL, type ShapeName } from '../../row/index.js';
import type { Store } from '../store.js';

export async function foundShape(store: Pick<Store, 'hasTable'>): Promise<ShapeName> {
  return (await store.hasTable(HOMER7_CALL)) && !(await store.hasTable('sip_capture')) ? 'homer7' : 'sipcapture';
}
