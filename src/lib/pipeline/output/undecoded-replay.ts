/** Records of undecoded HEP packets into batches of rows, on the same way as packets that are decoded at once. */
import type { Message, Sink, StoreBatch, Ledger } from '../../base/index.js';
import { BatchRows } from '../../sink/batch/batch-rows.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import { readArrivalRecord } from './undecoded-record.js';
import { Dispatcher } from '../dispatcher.js';
import { HepExtractor } from '../../extract/hep-extractor.js';

export class ArrivalReader {
  private rows = new BatchRows();
  private readonly pipeline: HepExtractor;

  /** The ledger counts the packets as received when they are read. */
  constructor(maker: RowMaker, ledger: Ledger, authKey: string) {
    const nothing = async () => {};
    const collector: Sink = {
      name: 'spool',
      ready: nothing,
      flush: nothing,
      close: nothing,
      accept: (message: Message) => {
        this.rows.add(message, maker);
        return true;
      },
      counts: () => ({ delivered: 0, written: 0, refused: 0, waiting: 0, lost: 0, reasons: {} }),
    };
    const dispatcher = new Dispatcher({ sinks: [collector], ledger, parse: true, publishedReports: true, count: 0, onCount() {} });
    this.pipeline = new HepExtractor(
      ledger,
      (message) => dispatcher.dispatch(message),
      authKey === '' ? {} : { authKey: Buffer.from(authKey) },
    );
  }

  /** Null where the bytes are not such a record. */
  read(bytes: Buffer): StoreBatch | null {
    const record = readArrivalRecord(bytes);
    if (record === null) return null;
    const { stream, sequence, peers, times, peerOf, lengths } = record;
    this.rows = new BatchRows();
    let from = 0;
    for (let i = 0; i < lengths.length; i++) {
      const to = from + lengths[i];
      this.pipeline.decode({ bytes: record.bytes, from, to, receivedAt: times[i], peer: peers[peerOf[i]] });
      from = to;
    }
    return this.rows.closed([{ stream, sequence, position: '' }]).batch;
  }
}
