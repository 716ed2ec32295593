/**
 * Rows that the database does not accept in time, kept in a durable spool and stored later, each exactly once.
 *
 * What is kept. A record of the spool (sink/spool) is one batch: its rows, and the streams and sequence numbers under
 * which the database recognises it (type 2, `batch-record.ts`), or raw material that becomes a batch when it is read (HEP
 * packets that were not decoded yet, type 3). A batch goes to the spool when the database refuses it or has not replied
 * within the patience, and while older ones are spooled: a newer batch never overtakes an older one of its stream.
 *
 * States. `direct`: the spool is empty, batches go to the database. `yielding`: only raw records wait, and the rows in
 * memory, which are older, still go to the database. `settling`: batches go to the spool, and writes in flight are waited
 * for. `replaying`: batches go to the spool, and the spool goes to the database, oldest first. `stopped`: batches go to
 * the spool, and nothing is read from it any more. The transitions:
 *
 *     direct -> yielding      a raw record was kept
 *     direct -> settling      a batch was refused or late; or the spool was not empty at the start
 *     yielding -> settling    the rows in memory are written; or a batch was refused or late
 *     settling -> replaying   no write is in flight
 *     replaying -> direct     the spool is empty
 *     any -> stopped          `stop`; or the database refused while draining
 *
 * Acknowledgement. A record is acknowledged when the database has committed its batch or knows it already, and when
 * it is not understood (it is counted as lost, and its segment is set aside). A crash between COMMIT and
 * acknowledgement repeats the batch, and the database returns `known`.
 *
 * Late replies. A write that exceeded the patience continues, and its batch is in the spool as well. Its result counts: if
 * it was stored, the record is acknowledged without a second write, its refused rows go to the quarantine, and it is
 * not lost even if the spool evicted the record meanwhile. If it failed, the same batch is written again through the
 * same driver, which recognises it and still knows what it refused.
 *
 * Patience ends early for what is in flight when half of the memory for rows is taken (rows beyond it would be lost), and
 * for good at close: whatever is unconfirmed then is in the spool before it is closed. Once the spool may have its next
 * owner, what the database still answers changes nothing: that owner writes the batch again, and the database recognises it.
 *
 * Evicted batches. The spool drops its oldest segments beyond its bounds. Their rows are counted as lost
 * (`spool_evicted`, beside the other reasons of the spool); the streams of later batches are advanced over the gap. So is
 * what a full disk refused, where the database has not taken it out of memory by the time the spool is closed.
 *
 * Invariants, held by test/sink/batch-spool against a model, with crashes, evictions and a database that is slow, refuses
 * and loses replies: every row is stored at most once; rows of one stream are stored in order; without eviction every row
 * is eventually stored or refused; before + kept + unpacked = written + refused + waiting + lost at every moment.
 */

export type SpoolState = 'direct' | 'yielding' | 'settling' | 'replaying' | 'stopped';
