/** How a batching sink batches, waits and gives up. */
import type { Log, Message, RowComparison, RowPacker, StoreDriver, StreamState } from '../../base/index.js';
import type { RowMaker } from './batch-rows.js';
import type { OnRefused } from './refused-rows.js';

export interface BatchingOptions {
  name: string;
  driver: StoreDriver;
  rows: RowMaker;
  /** Of engines that take rows as bytes. */
  packer?: RowPacker;
  log: Log;
  /** Rows that close a batch. */
  batchRows: number;
  /** Payload bytes that close a batch. */
  batchBytes: number;
  /** Age in milliseconds that closes a batch, once nothing is in flight. */
  ageMs: number;
  /** Rows that may wait in memory; more are lost (sources that can wait never send more). */
  maxRows: number;
  /** Payload bytes that may wait in memory. */
  maxBytes?: number;
  /** Milliseconds after which to give up on an unavailable database; Infinity is never. */
  giveUpMs: number;
  /** The streams that advanced since the last call, at the moment a batch is closed. */
  positions(): { stream: string; position: string }[];
  /** Sequence numbers of streams that the database knows already. */
  sequences: ReadonlyMap<string, number>;
  /**
   * Starts new streams after a conflict: the database's state of the old ones is not what this writer stored (a failover
   * to a lagging server, a restored table), and returns those of batches that wait. Only for live sources; without it a conflict ends the sink.
   */
  renewStreams?(states: readonly StreamState[][]): { stream: string; position: string }[][];
  /** A message was added to the open batch. */
  onAdded?(message: Message): void;
  /** How the next row is compared with existing ones; absent if none is. */
  comparison?(): RowComparison;
  /** Receives the count of messages that existed already, so that they do not count as delivered here. */
  onPresent?(messages: number): void;
  /** A row that the database refused, with its columns and values. */
  onRefused: OnRefused;
  /** Rows just stored. */
  onStored?(rows: number): void;
}
