/**
 * Whether a table's error is its own or the server's: a full disk looks like a full table, too. If another table accepts rows
 * that need space at the same moment, it is its own. The probe is rolled back.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/index.js';
import { TransactionLost, reasonOf } from './faults.js';
import type { Session } from './session.js';

/** Together more than the free space in a table's pages; each fits in the smallest configurable packet size. */
const ROWS = 24;
const ROW_BYTES = 2000;
/** How long a result is valid. */
const HOLDS_MS = 5000;
const INSERT = 'INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES (?, 0, ?, CURRENT_TIMESTAMP)';

export class OtherTableProbe {
  private takenAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** `inTransaction`: one is open, and is left unchanged. */
  async takesRows(session: Session, inTransaction: boolean): Promise<boolean> {
    if (this.clock.monotonic() - this.takenAt < HOLDS_MS) return true;
    await session.execute(inTransaction ? 'SAVEPOINT sipcap_probe' : session.dialect.begin);
    try {
      // Incompressible text.
      for (let row = 0; row < ROWS; row++)
        await session.run(INSERT, [`probe:${randomBytes(8).toString('hex')}`, randomBytes((ROW_BYTES * 3) / 4).toString('base64')]);
      this.takenAt = this.clock.monotonic();
      return true;
    } catch (error) {
      if (session.faultOf(error) === 'server') throw error;
      return false;
    } finally {
      await session.execute(inTransaction ? 'ROLLBACK TO SAVEPOINT sipcap_probe' : 'ROLLBACK').catch((error: unknown) => {
        throw new TransactionLost(reasonOf(error));
      });
    }
  }
}
