/** Relays HEP packets without decoding them: checked, edited if requested, and sent as bytes. */
import { AddressTextCache, NO_STREAM, Numbering, isFault, type Fault, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import {
  EditablePacket,
  Hep3Fields,
  HepDecoder,
  IdentityWriter,
  type ChunkAssignment,
  type ChunkName,
  type HepPeer,
} from '../hep/index.js';
import { callIdIn } from '../sip/index.js';
import { rejected, type Outcome } from './handler.js';
import type { PacketHandler, RelayedPacket } from './intake.js';
import { upgraded, type HepIdentity } from './output/hep-output.js';
import type { Outputs } from './output/outputs.js';
import { REPEATED, type Repeats } from './repeats.js';

export type HepEdit = { set: ChunkAssignment } | { del: ChunkName };

export interface PacketRelayOptions {
  edits: readonly HepEdit[];
  /** Make version 3 of versions 1 and 2. */
  upgrade: boolean;
  /** Capture id of upgraded packets that bring none. */
  captureId: number;
  /** Targets share the calls between them: each packet needs its call's key. */
  keyed: boolean;
  /** Which packets get an identity if they have none. */
  identity: HepIdentity;
  /** Drops repeats; null passes them on. */
  repeats: Repeats | null;
}

const MAGIC = 0x48;
const HEP3 = 0x48455033;
const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' };

export class PacketRelay implements PacketHandler {
  private readonly fields = new Hep3Fields();
  private readonly decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  /** The object is reused. */
  private readonly packet: RelayedPacket = { bytes: Buffer.alloc(0), capturedAt: 0 };
  /** Of the packet read last. */
  private isIdentified = false;
  private isRepeated = false;
  private readonly numbering = new Numbering();
  private readonly identity = { stream: NO_STREAM, sequence: 0 };
  private readonly writer = new IdentityWriter();

  constructor(
    private readonly options: PacketRelayOptions,
    private readonly ledger: Ledger,
  ) {}

  read(arrival: HepArrival): RelayedPacket | Fault {
    const { bytes, from, to, receivedAt, peer } = arrival;
    const { fields } = this;
    const isVersion3 = to - from >= 4 && bytes.readUInt32BE(from) === HEP3;
    let capturedAt: number;
    this.isIdentified = this.isRepeated = false;
    this.identity.stream = arrival.stream ?? NO_STREAM;
    this.identity.sequence = arrival.sequence ?? 0;
    if (isVersion3) {
      const wrong = fields.walk(bytes, from, to);
      if (wrong !== null) return wrong;
      capturedAt = fields.seconds * 1e6 + fields.micros;
      this.isIdentified = fields.identityFrom >= 0;
      if (this.isIdentified) this.isRepeated = this.options.repeats?.isRepeatedPacket(arrival, fields) ?? false;
    } else {
      const message = this.decoder.decode(bytes, from, to, receivedAt, peer);
      if (isFault(message)) return message;
      ({ capturedAt } = message);
    }
    this.packet.bytes = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    this.packet.capturedAt = capturedAt;
    return this.packet;
  }

  send({ bytes, capturedAt }: RelayedPacket, outputs: Outputs): Outcome {
    const { options, ledger } = this;
    if (this.isRepeated) return REPEATED;
    let packet = bytes;
    let isMade = false;
    if (options.upgrade && packet[0] !== MAGIC) {
      const made = upgraded(packet, capturedAt, options.captureId);
      if (made === null) return rejected('upgrade_failed');
      packet = made;
      isMade = true;
      ledger.notes.add('upgraded');
    }
    if (options.edits.length > 0) {
      const edited = this.edited(packet, capturedAt);
      if (typeof edited === 'string') return rejected(edited);
      packet = edited;
    }
    if (options.identity === 'always' || (isMade && options.identity === 'made')) packet = this.identified(packet);
    outputs.send(packet, options.keyed ? this.keyOf(packet, capturedAt) : '', capturedAt);
    return null;
  }

  /** The packet with an identity of its own, unless it has one. */
  private identified(packet: Buffer): Buffer {
    const isEdited = this.options.edits.length > 0;
    if (
      packet[0] !== MAGIC ||
      (isEdited ? this.fields.walk(packet, 0, packet.length) !== null || this.fields.identityFrom >= 0 : this.isIdentified)
    )
      return packet;
    const { identity } = this;
    this.numbering.identify(identity);
    const whole = this.writer.appended(packet, identity.stream, identity.sequence);
    if (whole === null) this.ledger.notes.add('too_big_for_identity');
    return whole ?? packet;
  }

  /** The edited packet, or why it cannot be. */
  private edited(packet: Buffer, receivedAt: number): Buffer | string {
    const editable = EditablePacket.read(packet, receivedAt);
    if (isFault(editable)) return editable.fault;
    if (editable.version !== 3) return 'old_version_not_edited';
    for (const edit of this.options.edits) {
      if ('set' in edit) editable.set(edit.set);
      else if (!editable.del(edit.del)) this.ledger.notes.add('del_missing_chunk');
    }
    const made = editable.packet();
    return isFault(made) ? made.fault : made;
  }

  /** What keeps a call together: the correlation id, else the Call-ID. */
  private keyOf(packet: Buffer, receivedAt: number): string {
    const message = this.decoder.decode(packet, 0, packet.length, receivedAt, NO_PEER);
    if (isFault(message)) return '';
    return message.correlationId !== '' ? message.correlationId : callIdIn(message.payload);
  }
}
