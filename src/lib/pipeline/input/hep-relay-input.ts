/** Packets on their way through a relay: checked, edited where asked, and handed to every target as bytes. */
import { AddressTextCache, isFault, type FaultCode, type Ledger } from '../../base/index.js';
import { EditablePacket, Hep3Fields, HepDecoder, type ChunkAssignment, type ChunkName, type HepPeer } from '../../hep/index.js';
import { SipParser } from '../../sip/index.js';
import { upgraded, type HepTargetSink } from '../output/hep-output.js';

export type HepEdit = { set: ChunkAssignment } | { del: ChunkName };

export interface IntakeOptions {
  edits: readonly HepEdit[];
  /** Make version 3 of versions 1 and 2. */
  upgrade: boolean;
  /** Capture id of upgraded packets that bring none. */
  captureId: number;
  /** Targets share the calls between them: each packet needs its call's key. */
  keyed: boolean;
}

const MAGIC = 0x48;
const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

export class HepRelayInput {
  private readonly fields = new Hep3Fields();
  private readonly decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  private readonly parser = new SipParser();
  /** When the packet in hand was captured, microseconds since 1970. */
  private capturedAt = 0;

  constructor(
    private readonly options: IntakeOptions,
    private readonly ledger: Ledger,
    private readonly targets: readonly HepTargetSink[],
  ) {}

  /** One packet, `bytes[from, to)`; false when a target that may be waited for is full. */
  packet(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): boolean {
    const { ledger, options } = this;
    ledger.received++;
    ledger.bytes += to - from;
    if (ledger.firstAt === 0) ledger.firstAt = receivedAt;
    ledger.lastAt = receivedAt;
    const wrong = this.check(bytes, from, to, receivedAt, peer);
    if (wrong !== '') {
      if (NOISE.has(wrong)) {
        ledger.without.add(wrong);
        return true;
      }
      ledger.complete++;
      ledger.found++;
      ledger.rejected.add(wrong);
      return true;
    }
    ledger.complete++;
    ledger.found++;
    let packet = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    if (options.upgrade && packet[0] !== MAGIC) {
      const made = upgraded(packet, receivedAt, options.captureId);
      if (made === null) return this.reject('upgrade_failed');
      packet = made;
      ledger.notes.add('upgraded');
    }
    if (options.edits.length > 0) {
      const edited = this.edited(packet, receivedAt);
      if (typeof edited === 'string') return this.reject(edited);
      packet = edited;
    }
    ledger.delivered++;
    const key = options.keyed ? this.keyOf(packet, receivedAt, peer) : '';
    let room = true;
    for (const target of this.targets) if (!target.send(packet, key, this.capturedAt)) room = false;
    return room;
  }

  private reject(reason: string): boolean {
    this.ledger.rejected.add(reason);
    return true;
  }

  /** '' where the packet is whole. */
  private check(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): FaultCode | '' {
    if (bytes[from] === MAGIC && bytes[from + 1] === 0x45 && bytes[from + 2] === 0x50 && bytes[from + 3] === 0x33) {
      const wrong = this.fields.walk(bytes, from, to);
      this.capturedAt = this.fields.seconds * 1e6 + this.fields.micros;
      return wrong?.fault ?? '';
    }
    const message = this.decoder.decode(bytes, from, to, receivedAt, peer);
    this.capturedAt = receivedAt;
    if (isFault(message)) return message.fault;
    this.capturedAt = message.capturedAt;
    return '';
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
  private keyOf(packet: Buffer, receivedAt: number, peer: HepPeer): string {
    const message = this.decoder.decode(packet, 0, packet.length, receivedAt, peer);
    if (isFault(message)) return '';
    if (message.correlationId !== '') return message.correlationId;
    const sip = this.parser.parse(message.payload);
    return isFault(sip) ? '' : sip.callId;
  }
}
