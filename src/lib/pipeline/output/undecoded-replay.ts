/** Records of undecoded HEP packets back into a batch of rows, through the way that packets take otherwise. */
import { deserialize } from 'node:v8';
import { AddressTextCache, type Ledger, type Message, type StoreBatch } from '../../base/index.js';
import { BatchRows } from '../../sink/batch/batch-rows.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import { ARRIVALS_VERSION, type ArrivalRecord } from './undecoded-spool.js';
import { HepExtractor } from '../../extract/hep-extractor.js';
import { MessagePreparer } from '../../extract/prepare-message.js';
import { publishedReport } from '../../extract/published-report.js';
import { HepDecoder } from '../../hep/index.js';
import { StoreAndRelay } from '../handler.js';

export class ArrivalReader {
  private rows = new BatchRows();
  private readonly packets: HepExtractor<Message>;

  /** The books are entered as the packets are read: from then on they are received. */
  constructor(maker: RowMaker, ledger: Ledger, authKey: string) {
    const decoder = new HepDecoder({ addressTexts: new AddressTextCache(), ...(authKey === '' ? {} : { authKey: Buffer.from(authKey) }) });
    const handler = new StoreAndRelay(new MessagePreparer(ledger), ledger);
    const rows = {
      room: true,
      hasStores: true,
      hasTargets: false,
      store: (message: Message) => {
        this.rows.add(message, maker);
        const report = message.sip === null ? null : publishedReport(message, message.sip);
        if (report !== null) this.rows.add(report, maker);
        return true;
      },
      relay: () => true,
    };
    this.packets = new HepExtractor(
      ledger,
      ({ bytes, from, to, receivedAt, peer }) => decoder.decode(bytes, from, to, receivedAt, peer),
      (message) => {
        const outcome = handler.handle(message, rows);
        if (outcome === null) ledger.delivered++;
        else ledger[outcome.as].add(outcome.reason);
        return true;
      },
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
      this.packets.take({ bytes, from, to, receivedAt: times[i], peer: peers[peerOf[i]] });
      from = to;
    }
    return this.rows.closed([{ stream, sequence, position: '' }]).batch;
  }
}
