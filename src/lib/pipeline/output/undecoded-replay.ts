/** Turns records of undecoded HEP packets into batches of rows, along the same path as packets decoded at once. */
import { AddressTextCache, NO_STREAM, streamOfBytes, type Ledger, type Message, type StoreBatch } from '../../base/index.js';
import { BatchRows } from '../../sink/batch/batch-rows.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import { CapturedCounts } from './captured-counts.js';
import { RECEIVED_PREFIX } from './live-stream.js';
import { ReceivedIdentities } from './received-identities.js';
import { readArrivalRecord } from './undecoded-record.js';
import { HepExtractor } from '../../extract/hep-extractor.js';
import { MessagePreparer } from '../../extract/prepare-message.js';
import { publishedReport } from '../../extract/published-report.js';
import { HepDecoder } from '../../hep/index.js';
import { StoreAndRelay, filtered, type MessageOutputs } from '../handler.js';
import type { MessageFilter } from '../message-filter.js';

/** At least as many as a record can hold: a packet has the same number each time its record is read. */
const PACKETS_PER_RECORD = 0x10000;

export class ArrivalReader implements MessageOutputs {
  readonly room = true;
  readonly hasStores = true;
  readonly hasTargets = false;
  /** Rows of reports that were published in messages, besides the messages' own. */
  published = 0;
  readonly captured = new CapturedCounts();
  private rows = new BatchRows();
  private readonly identities = new ReceivedIdentities();
  private readonly packets: HepExtractor<Message>;
  /** Of packets that bring no identity: the record's, and the number of its packet read last. */
  private stream = NO_STREAM;
  private sequence = 0;

  /** The ledger counts the packets as received when they are read. */
  constructor(
    private readonly maker: RowMaker,
    ledger: Ledger,
    authKey: string,
    filter: MessageFilter | null = null,
  ) {
    const decoder = new HepDecoder({ addressTexts: new AddressTextCache(), ...(authKey === '' ? {} : { authKey: Buffer.from(authKey) }) });
    const preparer = new MessagePreparer(ledger);
    const handler = new StoreAndRelay(preparer, ledger);
    this.packets = new HepExtractor(
      ledger,
      ({ bytes, from, to, receivedAt, peer }) => decoder.decode(bytes, from, to, receivedAt, peer),
      (message) => {
        if (message.stream === NO_STREAM) {
          message.stream = this.stream;
          message.sequence = this.sequence;
        }
        const isWanted = filter === null || filter.passes(message, preparer);
        const outcome = isWanted ? handler.handle(message, this) : filtered('where');
        if (outcome === null) ledger.delivered++;
        else ledger[outcome.as].add(outcome.reason);
        return true;
      },
    );
  }

  store(message: Message): boolean {
    this.rows.add(message, this.maker);
    this.identities.note(message);
    this.storePublished(message);
    this.captured.add(message);
    return true;
  }

  storePublished(message: Message): boolean {
    const report = message.sip === null ? null : publishedReport(message, message.sip);
    if (report === null) return false;
    this.rows.add(report, this.maker);
    this.published++;
    return true;
  }

  relay(): boolean {
    return true;
  }

  /** Null where the bytes are not such a record. */
  read(bytes: Buffer): StoreBatch | null {
    const record = readArrivalRecord(bytes);
    if (record === null) return null;
    const { stream, sequence, peers, times, peerOf, lengths } = record;
    this.rows = new BatchRows();
    this.stream = streamOfBytes(stream);
    let from = 0;
    for (let i = 0; i < lengths.length; i++) {
      const to = from + lengths[i];
      this.sequence = sequence * PACKETS_PER_RECORD + i;
      this.packets.take({ bytes: record.bytes, from, to, receivedAt: times[i], peer: peers[peerOf[i]] });
      from = to;
    }
    const position = this.identities.take();
    // Records without identities have a stream that never has a position.
    return this.rows.closed([{ stream, sequence, position: stream.startsWith(RECEIVED_PREFIX) ? position : '' }]).batch;
  }
}
