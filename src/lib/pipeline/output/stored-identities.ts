/** Restores at a start which messages earlier runs have stored, or keep in the spool, so that their repeats are dropped. */
import type { Log } from '../../base/index.js';
import { Hep3Fields, IdentityReader, contentCheck, type RepeatWindow } from '../../hep/index.js';
import { BatchReader, RECORD_ROWS } from '../../sink/batch-spool/index.js';
import { newestRecords } from '../../sink/spool/index.js';
import { reasonOf, type Store } from '../../store/index.js';
import { RECEIVED_PREFIX } from './live-stream.js';
import { restoreIdentities } from './received-identities.js';
import { RECORD_ARRIVALS, readArrivalRecord } from './undecoded-record.js';

/** Senders repeat the last 64 MiB at most. */
const SPOOL_BYTES = 256 * 1024 * 1024;
/** Runs of each process whose identities stay in the database: a receiver may end several times before its senders reach it. */
const RUNS_KEPT = 8;

export async function restoreStored(store: Store, window: RepeatWindow, log: Log, processes = 1): Promise<void> {
  try {
    const states = await store.streams(RECEIVED_PREFIX);
    for (const { position } of states) restoreIdentities(position, window);
    const runs = [...new Set(states.map(({ stream }) => stream.slice(0, stream.lastIndexOf(':'))))].sort();
    for (const run of runs.slice(0, -RUNS_KEPT * processes)) await store.forget?.(`${run}:`);
  } catch (error) {
    log.warn(`cannot read which messages were stored before: ${reasonOf(error)}; those that senders repeat now are stored again`);
  }
}

export function restoreSpooled(directory: string, window: RepeatWindow): void {
  const batches = new BatchReader();
  const fields = new Hep3Fields();
  const identity = new IdentityReader();
  for (const { type, payload } of newestRecords(directory, SPOOL_BYTES)) {
    if (type === RECORD_ROWS)
      for (const { stream, position } of batches.read(payload)?.streams ?? []) {
        if (stream.startsWith(RECEIVED_PREFIX)) restoreIdentities(position, window);
      }
    const record = type === RECORD_ARRIVALS ? readArrivalRecord(payload) : null;
    if (record === null) continue;
    const { bytes, lengths, peers, peerOf } = record;
    let from = 0;
    lengths.forEach((length, i) => {
      if (fields.walk(bytes, from, from + length) === null && identity.read(bytes, fields.identityFrom))
        window.take(
          peers[peerOf[i]].peerAddress,
          identity.stream,
          identity.sequence,
          contentCheck(bytes, fields.payloadFrom, fields.payloadTo),
        );
      from += length;
    });
  }
}
