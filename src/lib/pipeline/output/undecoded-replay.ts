/** Records of undecoded HEP packets back into a batch of rows, through the way that packets take otherwise. */
import { deserialize } from 'node:v8';
import type { Message, Sink, StoreBatch, Ledger } from '../../base/index.js';
import { BatchRows } from '../../sink/batch/batch-rows.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import { ARRIVALS_VERSION, type ArrivalRecord } from './undecoded-spool.js';
import { Dispatcher } from '../dispatcher.js';
import { HepExtractor } from '../../extract/hep-extractor.js';

export class ArrivalReader {
  private rows = new BatchRows();
  private readonly pipeline: HepExtractor;

  /** The books are entered as the packets are read: from then on they are received. */
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

  /** Null where no version of ours wrote the record. */
  read(record: Buffer): StoreBatch | null {
    let content: ArrivalRecord;
    try {
      content = deserialize(record) as ArrivalRecord;
    } catch {
      return null;
    }
    if (content.version !== ARRIVALS_VERSION) return null;
    const { stream, sequence, peers, times, peerOf, lengths, bytes } = content;
    this.rows = new BatchRows();
    let from = 0;
    for (let i = 0; i < lengths.length; i++) {
      const to = from + lengths[i];
      this.pipeline.decode({ bytes, from, to, receivedAt: times[i], peer: peers[peerOf[i]] });
      from = to;
    }
    return this.rows.closed([{ stream, sequence, position: '' }]).batch;
  }
}
