/** `call export --media`: copies the RTP of the selected calls only, when the input is read again. */
import { UsageError } from '../../../base/index.js';
import type { Packet } from '../../../decode/index.js';
import type { MediaWatch } from '../../../extract/media-watch.js';
import { TurnRelays, rtpPayloadAt, type StreamReport } from '../../../media/index.js';
import type { OutputSpec } from '../../../pipeline/output/output.js';
import type { FrameWriter } from '../../../sink/capture-file/capture-file-sink.js';
import type { SourceChoice } from '../../source-choice.js';
import type { ExportForm } from './output.js';

export class MediaCopier {
  /** Packets written. */
  packets = 0;
  private writer: FrameWriter | null = null;
  /** By addresses and SSRC: several if these were reused. */
  private readonly streams = new Map<string, StreamReport[]>();
  private readonly connections = new Map<string, StreamReport[]>();
  private readonly relays = new TurnRelays();

  /** The watch has seen the whole input. */
  constructor(watch: MediaWatch, callIds: Iterable<string>) {
    for (const callId of callIds)
      for (const stream of watch.reportsOf(callId)) {
        const source = endpoint(stream.sourceAddress, stream.sourcePort);
        const destination = endpoint(stream.destinationAddress, stream.destinationPort);
        push(this.streams, keyOf(source, destination, stream.ssrc), stream);
        push(this.connections, keyOf(source, destination, ''), stream);
      }
    watch.afterwards = { datagram: (packet) => this.datagram(packet), segment: (packet) => this.segment(packet) };
  }

  /** The output, whose file gets the packets as well. */
  into(spec: OutputSpec): OutputSpec {
    const open: OutputSpec['open'] = async (...context) => {
      const opened = await spec.open(...context);
      this.writer = opened.sink as unknown as FrameWriter;
      return opened;
    };
    return { ...spec, open };
  }

  private datagram(packet: Packet): boolean {
    const { bytes, from, to } = packet;
    let header = from;
    if (rtpPayloadAt(bytes, from, to) < 0) {
      const { relays } = this;
      if (!relays.unwrap(packet, bytes, from, to) || rtpPayloadAt(bytes, relays.at, relays.end) < 0) return false;
      header = relays.at;
    }
    const [source, destination] = endsOf(packet);
    return this.copy(packet, this.streams.get(keyOf(source, destination, bytes.readUInt32BE(header + 8))));
  }

  /** Of a connection with RTP everything is copied: packets do not keep to its segments. */
  private segment(packet: Packet): boolean {
    const [source, destination] = endsOf(packet);
    return this.copy(packet, this.connections.get(keyOf(source, destination, '')));
  }

  private copy(packet: Packet, streams: readonly StreamReport[] | undefined): boolean {
    const { capturedAt } = packet;
    if (streams?.some(({ startedAt, endedAt }) => startedAt <= capturedAt && capturedAt <= endedAt) !== true) return false;
    this.packets++;
    for (const frame of packet.frames()) this.writer?.frame(frame);
    return true;
  }
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function endsOf(packet: Packet): [source: string, destination: string] {
  return [endpoint(packet.sourceAddress(), packet.sourcePort), endpoint(packet.destinationAddress(), packet.destinationPort)];
}

function endpoint(address: string, port: number): string {
  return `${address} ${port}`;
}

function keyOf(source: string, destination: string, ssrc: number | ''): string {
  return `${source} ${destination} ${ssrc}`;
}

/** Throws if the media could not be written. */
export function checkMedia(form: ExportForm, isAnonymised: boolean, { files, interfaces }: SourceChoice): void {
  if (form !== 'pcap') throw new UsageError('--media needs a capture file: specify -w FILE.pcap or .pcapng');
  if (isAnonymised) throw new UsageError('--media and --anonymise exclude each other: voices cannot be anonymised');
  if (files.length === 0 || files.includes('-') || interfaces.length > 0)
    throw new UsageError('--media reads the input twice: specify -r FILE');
}
