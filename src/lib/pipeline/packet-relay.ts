/** Relays HEP packets without decoding them: checked, edited if requested, and sent as bytes. */
import { AddressTextCache, isFault, type Fault, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import { EditablePacket, Hep3Fields, HepDecoder, type ChunkAssignment, type ChunkName, type HepPeer } from '../hep/index.js';
import { callIdIn } from '../sip/index.js';
import { rejected, type Outcome } from './handler.js';
import type { PacketHandler, RelayedPacket } from './intake.js';
import { upgraded } from './output/hep-output.js';
import type { Outputs } from './output/outputs.js';

export type HepEdit = { set: ChunkAssignment } | { del: ChunkName };

export interface PacketRelayOptions {
  edits: readonly HepEdit[];
  /** Make version 3 of versions 1 and 2. */
  upgrade: boolean;
  /** Capture id of upgraded packets that bring none. */
  captureId: number;
  /** Targets share the calls between them: each packet needs its call's key. */
  keyed: boolean;
}

const MAGIC = 0x48;
const HEP3 = 0x48455033;
const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' };

export class PacketRelay implements PacketHandler {
  private readonly fields = new Hep3Fields();
  private readonly decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  /** The object is reused. */
  private readonly packet: RelayedPacket = { bytes: Buffer.alloc(0), capturedAt: 0 };

  constructor(
    private readonly options: PacketRelayOptions,
    private readonly ledger: Ledger,
  ) {}

  read({ bytes, from, to, receivedAt, peer }: HepArrival): RelayedPacket | Fault {
    const isVersion3 = to - from >= 4 && bytes.readUInt32BE(from) === HEP3;
    let capturedAt: number;
    if (isVersion3) {
      const wrong = this.fields.walk(bytes, from, to);
      if (wrong !== null) return wrong;
      capturedAt = this.fields.seconds * 1e6 + this.fields.micros;
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
    let packet = bytes;
    if (options.upgrade && packet[0] !== MAGIC) {
      const made = upgraded(packet, capturedAt, options.captureId);
      if (made === null) return rejected('upgrade_failed');
      packet = made;
      ledger.notes.add('upgraded');
    }
    if (options.edits.length > 0) {
      const edited = this.edited(packet, capturedAt);
      if (typeof edited === 'string') return rejected(edited);
      packet = edited;
    }
    outputs.send(packet, options.keyed ? this.keyOf(packet, capturedAt) : '', capturedAt);
    return null;
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
