/** `call export --media`: copies the RTP of chosen calls, and of no others, when the input is read once more. */
import { UsageError } from '../../../base/index.js';
import type { Packet } from '../../../decode/index.js';
import type { MediaWatch } from '../../../extract/media-watch.js';
import { rtpAt, type StreamReport } from '../../../media/index.js';
import type { OutputSpec } from '../../../pipeline/output/output.js';
import type { FrameWriter } from '../../../sink/capture-file/capture-file-sink.js';
import type { SourceChoice } from '../../source-choice.js';
import type { ExportForm } from './output.js';

export class MediaCopier {
  /** Packets written. */
  packets = 0;
  private writer: FrameWriter | null = null;
  /** By addresses and SSRC: several where these were used again. */
  private readonly streams = new Map<string, StreamReport[]>();

  /** The watch has seen the whole input. */
  constructor(watch: MediaWatch, callIds: Iterable<string>) {
    for (const callId of callIds)
      for (const stream of watch.reportsOf(callId)) {
        const key = keyOf(
          endpoint(stream.sourceAddress, stream.sourcePort),
          endpoint(stream.destinationAddress, stream.destinationPort),
          stream.ssrc,
        );
        this.streams.set(key, [...(this.streams.get(key) ?? []), stream]);
      }
    watch.afterwards = (packet) => this.take(packet);
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

  private take(packet: Packet): boolean {
    const { bytes, capturedAt } = packet;
    const header = rtpAt(bytes, packet.from, packet.to);
    if (header < 0) return false;
    const source = endpoint(packet.sourceAddress(), packet.sourcePort);
    const destination = endpoint(packet.destinationAddress(), packet.destinationPort);
    const streams = this.streams.get(keyOf(source, destination, bytes.readUInt32BE(header + 8)));
    if (streams?.some(({ startedAt, endedAt }) => startedAt <= capturedAt && capturedAt <= endedAt) !== true) return false;
    this.packets++;
    for (const frame of packet.frames()) this.writer?.frame(frame);
    return true;
  }
}

function endpoint(address: string, port: number): string {
  return `${address} ${port}`;
}

function keyOf(source: string, destination: string, ssrc: number): string {
  return `${source} ${destination} ${ssrc}`;
}

/** Throws where the media could not be written. */
export function checkMedia(form: ExportForm, isAnonymised: boolean, { files, interfaces }: SourceChoice): void {
  if (form !== 'pcap') throw new UsageError('--media needs a capture file: specify -w FILE.pcap or .pcapng');
  if (isAnonymised) throw new UsageError('--media and --anonymise exclude each other: voices cannot be anonymised');
  if (files.length === 0 || files.includes('-') || interfaces.length > 0)
    throw new UsageError('--media reads the input twice: specify -r FILE');
}
