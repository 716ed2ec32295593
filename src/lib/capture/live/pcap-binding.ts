/** What we use of the optional package `pcap`: the class underneath its wrapper, which costs an object and an event a packet. */
import { createRequire } from 'node:module';

export interface PcapStatistics {
  ps_recv: number;
  ps_drop: number;
  ps_ifdrop: number;
}

export interface PcapHandle {
  /** Called by the poll handle when packets may be available. */
  read_callback: () => void;
  /** Returns the link type by name; throws libpcap's message. */
  open_live(
    device: string,
    filter: string,
    bufferBytes: number,
    snapLength: number,
    dumpFile: string,
    onPacket: () => void,
    monitor: boolean,
    timeoutMs: number,
    warn: (text: string) => void,
    promiscuous: boolean,
  ): string;
  start_polling(): void;
  /** Calls `onPacket` for each available packet, bytes and header copied into the two buffers; negative on an error. */
  dispatch(bytes: Buffer, header: Buffer): number;
  stats(): PcapStatistics;
}

export interface PcapBinding {
  PcapSession: new () => PcapHandle;
  findalldevs(): { name: string }[];
}

/** Throws where the package is not installed. */
export function loadPcap(): PcapBinding {
  return createRequire(import.meta.url)('pcap/build/Release/pcap_binding.node') as PcapBinding;
}

/** The binding returns some link types as names and others as numbers. */
const LINK_TYPES: Readonly<Record<string, number>> = {
  LINKTYPE_NULL: 0,
  LINKTYPE_ETHERNET: 1,
  LINKTYPE_RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
  LINKTYPE_IEEE802_11_RADIO: 127,
};

/** tcpdump.org LINKTYPE_ number, -1 if unknown. */
export function linkTypeNumber(word: string): number {
  const known = LINK_TYPES[word];
  if (known !== undefined) return known;
  const number = /(\d+)$/.exec(word);
  return number === null ? -1 : Number(number[1]);
}
