/** One libpcap session for the life of its process: closing one is not safe in the `pcap` package, but ending the process is. */
import { closeSync } from 'node:fs';
import { RECORD_HEADER_BYTES, type FramePipe } from './frame-pipe.js';
import { openDescriptors } from './interface-state.js';
import { linkTypeNumber, type PcapBinding, type PcapHandle } from './pcap-binding.js';

/** How long libpcap may collect packets before delivering them. */
const COLLECT_MS = 10;
/** Pause between looks at the ring once the poll handle is dead. */
const LOOK_MS = 5;
const CAPTURED_LENGTH_AT = 8;

export interface SessionOptions {
  device: string;
  filter: string;
  snapLength: number;
  bufferBytes: number;
  promiscuous: boolean;
}

export class PacketSession {
  readonly linkType: number;
  /** What libpcap opened. */
  readonly descriptors: readonly number[];
  private readonly handle: PcapHandle;
  private readonly bytes: Buffer;
  private readonly header = Buffer.alloc(RECORD_HEADER_BYTES);
  private readonly seconds: Int32Array;
  private second = 0;
  private timer: NodeJS.Timeout | null = null;

  /** Throws libpcap's message. `everySecond` is also called under continuous traffic. */
  constructor(
    binding: PcapBinding,
    options: SessionOptions,
    private readonly pipe: FramePipe,
    private readonly everySecond: () => void,
  ) {
    this.handle = new binding.PcapSession();
    this.bytes = Buffer.alloc(options.snapLength);
    const words = new Int32Array(this.header.buffer, this.header.byteOffset, RECORD_HEADER_BYTES / 4);
    this.seconds = words;
    const onPacket = () => this.packet();
    // Promiscuous mode on `any` is a warning of libpcap's, which the package takes for an error.
    const promiscuous = options.promiscuous && options.device !== 'any';
    const before = openDescriptors();
    this.linkType = linkTypeNumber(
      this.handle.open_live(
        options.device,
        options.filter,
        options.bufferBytes,
        options.snapLength,
        '',
        onPacket,
        false,
        COLLECT_MS,
        () => {},
        promiscuous,
      ),
    );
    this.descriptors = openDescriptors().filter((descriptor) => !before.includes(descriptor));
  }

  start(): void {
    this.handle.read_callback = () => this.look();
    this.handle.start_polling();
    setImmediate(() => this.look());
  }

  /** An error at the socket (an interface that goes down makes one) ends the poll handle for good: from then on the ring is polled by timer. */
  lookByTime(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  /** Takes what is available and sends it. */
  look(): void {
    this.handle.dispatch(this.bytes, this.header);
    this.pipe.flush();
  }

  /** For a process that hands over: the next one would inherit libpcap's descriptors. The session must not be used again. */
  abandon(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    for (const descriptor of this.descriptors) closeSync(descriptor);
  }

  /** Dropped since the session began: because the ring was full, and by the interface. */
  drops(): { kernel: number; interface: number } {
    const { ps_drop: kernel, ps_ifdrop: byInterface } = this.handle.stats();
    return { kernel, interface: byInterface };
  }

  private packet(): void {
    const words = this.seconds;
    const captured = words[CAPTURED_LENGTH_AT / 4];
    const { bytes } = this;
    this.pipe.packet(this.header, bytes, captured <= bytes.length ? captured : bytes.length);
    if (words[0] !== this.second) {
      this.second = words[0];
      this.everySecond();
    }
  }
}
