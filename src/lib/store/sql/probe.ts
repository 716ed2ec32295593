/**
 * Whether a table's fault is its own or the server's: a full disk shows as a full table too. Where another table takes rows
 * that need space at the same moment, it is its own. Whatever was written for that is undone.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/index.js';
import { TransactionLost, reasonOf } from './faults.js';
import type { Session } from './session.js';

/** Together more than a table has free in its pages; each fits in the smallest packet that servers are set to. */
const ROWS = 24;
const ROW_BYTES = 2000;
/** How long an answer holds. */
const HOLDS_MS = 5000;
const INSERT = 'INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES (?, 0, ?, CURRENT_TIMESTAMP)';

export class OtherTableProbe {
  private takenAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** `inTransaction`: one is open, and stays as it was. */
  async takesRows(session: Session, inTransaction: boolean): Promise<boolean> {
    if (this.clock.monotonic() - this.takenAt < HOLDS_MS) return true;
    await session.execute(inTransaction ? 'SAVEPOINT sipcap_probe' : session.dialect.begin);
    try {
      // Text that no server can compress.
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
