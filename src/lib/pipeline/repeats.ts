/** Drops what a sender repeats after a broken connection: messages of an identity that was received from it before. */
import type { Ledger, Log, Message } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import type { RepeatWindow } from '../hep/index.js';
import { Hep3Fields, IdentityReader, contentCheck } from '../hep/index.js';
import { filtered } from './handler.js';

/** A repeat, in the accounting of messages. */
export const REPEATED = filtered('repeated');
/** Noted for messages that are stored under an identity that another message has. */
const OTHER_CONTENT = 'identity_reused';

const MAGIC_HEP3 = 0x48455033;

export class Repeats {
  private readonly fields = new Hep3Fields();
  private readonly identity = new IdentityReader();
  /** Repeats are dropped; otherwise they are taken. */
  isOn = true;
  /** The packet examined last has an identity. */
  wasIdentified = false;
  private hasWarned = false;

  constructor(
    private readonly window: RepeatWindow,
    private readonly ledger: Ledger,
    private readonly log: Log,
  ) {}

  /** Whether it was received before; from now on it was. */
  isRepeated({ envelope, stream, sequence }: Message): boolean {
    if (envelope === null || !envelope.isIdentified) return false;
    const { bytes, peerAddress } = envelope;
    if (this.fields.walk(bytes, 0, bytes.length) !== null) return false;
    return this.take(bytes, this.fields, peerAddress, stream, sequence);
  }

  /** The same for a packet that is not decoded; `fields` if it was walked. */
  isRepeatedPacket({ bytes, from, to, peer }: HepArrival, fields: Hep3Fields | null = null): boolean {
    this.wasIdentified = false;
    if (fields === null && (bytes.readUInt32BE(from) !== MAGIC_HEP3 || this.fields.walk(bytes, from, to) !== null)) return false;
    const walked = fields ?? this.fields;
    const { identity } = this;
    this.wasIdentified = identity.read(bytes, walked.identityFrom);
    return this.wasIdentified && this.take(bytes, walked, peer.peerAddress, identity.stream, identity.sequence);
  }

  /** A packet that is not decoded because it is a repeat. */
  account(bytes: number): void {
    const { ledger } = this;
    ledger.received++;
    ledger.bytes += bytes;
    ledger.complete++;
    ledger.found++;
    ledger.filtered.add(REPEATED!.reason);
  }

  private take(bytes: Buffer, { payloadFrom, payloadTo }: Hep3Fields, sender: string, stream: bigint, sequence: number): boolean {
    const verdict = this.window.take(sender, stream, sequence, contentCheck(bytes, payloadFrom, payloadTo));
    if (verdict === 'other') {
      this.ledger.notes.add(OTHER_CONTENT);
      if (!this.hasWarned)
        this.log.warn(
          `${sender} sent different messages with the same identity (stream ${stream.toString(16)}, sequence ${sequence}); storing each of them (reported once)`,
        );
      this.hasWarned = true;
    }
    return verdict === 'repeat' && this.isOn;
  }
}
