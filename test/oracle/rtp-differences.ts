/** Differences of our streams from tshark's, with the reason: one line each. */
export interface StreamDifference {
  file: string;
  stream: string;
  /** Ours, and tshark's. */
  differences: string[];
  reason: string;
}

const STOPS = 'tshark ends the conversation early and takes the rest for plain UDP';
const UNSEEN = 'tshark takes the whole direction for plain UDP';
const REPEATED = 'packets that came twice: tshark counts both, and takes them off the loss; its delta begins at the second';

const NO_SIGNALLING = 'no signalling in the capture: tshark takes it for RTP only with its heuristic';

export const DIFFERENCES: readonly StreamDifference[] = [
  {
    file: 'rtcp-asterisk-crash.pcap',
    stream: '127.0.0.1 10194 127.0.0.1 15394 0x6a1b26d7',
    differences: ['extra: 274 packets'],
    reason: NO_SIGNALLING,
  },
  {
    file: 'rtcp-rtpproxy-o.pcap',
    stream: '10.1.6.18 2006 127.0.0.1 2008 0xf3cb2001',
    differences: ['extra: 229 packets'],
    reason: NO_SIGNALLING,
  },
  {
    file: 'sip-udp-fax-t38.pcap',
    stream: '10.23.1.52 16756 10.35.60.100 15580 0x17d90134',
    differences: ['max_delta 286.074 for 20.427', 'max_jitter 1.253 for 1.343'],
    reason: 'timestamps begin anew at 0: tshark leaves out that delta; it measures jitter from packets of a type that nobody announced',
  },
  {
    file: 'sip-udp-fax-t38.pcap',
    stream: '10.35.60.100 15580 10.23.1.52 16756 0x0eaf0eaf',
    differences: ['packets 159 for 132', 'max_jitter 6.974 for 7.007'],
    reason: `${STOPS}; the packet after a telephone event is measured from the beginning of the event`,
  },
  {
    file: 'sip-udp-flow-2.pcapng',
    stream: '172.16.98.1 8000 172.16.98.182 7078 0x19cff233',
    differences: ['packets 402 for 3', 'max_delta 27.824 for 22.256', 'max_jitter 2.642 for 0.258'],
    reason: STOPS,
  },
  {
    file: 'sip-udp-flow-3.pcapng',
    stream: '172.16.98.1 8000 172.16.98.182 7078 0x998e0300',
    differences: ['packets 361 for 4', 'max_delta 30.452 for 22.884', 'max_jitter 2.396 for 0.352'],
    reason: STOPS,
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    stream: '192.168.1.2 30000 212.242.33.36 40392 0x3796cb71',
    differences: ['max_jitter 2.882 for 0.896'],
    reason: 'three packets, one of them with a damaged payload type: tshark does not compare across it',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    stream: '81.168.1.2 30000 212.242.33.36 40392 0x3796cb71',
    differences: ['extra: 1 packets'],
    reason: 'a damaged source address, but sent to the announced one',
  },
  {
    file: 'sip-udp-rtcp-honeynet4.pcap',
    stream: '172.25.105.3 63184 172.25.105.40 18150 0xa254e017',
    differences: ['packets 1751 for 1811', 'lost 30 for -30'],
    reason: REPEATED,
  },
  {
    file: 'sip-udp-rtcp-real-call.pcap',
    stream: '10.0.2.4 7078 10.0.2.5 7078 0x6fbb6264',
    differences: ['extra: 744 packets'],
    reason: UNSEEN,
  },
  {
    file: 'sip-udp-twin.pcap',
    stream: '10.0.2.15 15264 10.0.2.4 7078 0x71ec036b',
    differences: ['extra: 76 packets'],
    reason: UNSEEN,
  },
  {
    file: 'sip-udp-twin.pcapng',
    stream: '10.0.2.15 15264 10.0.2.4 7078 0x71ec036b',
    differences: ['extra: 76 packets'],
    reason: UNSEEN,
  },
  {
    file: 'sip-udp-video-eyebeam.pcap',
    stream: '192.168.1.36 5064 192.168.1.87 5064 0xfb40582c',
    differences: ['packets 537 for 539', 'lost 0 for -2', 'max_delta 406.549 for 406.277'],
    reason: REPEATED,
  },
  {
    file: 'sip-udp-video-eyebeam.pcap',
    stream: '192.168.1.87 5064 192.168.1.36 5064 0xc7fbc002',
    differences: ['packets 233 for 235', 'lost 0 for -2', 'max_delta 10179.51 for 10179.382'],
    reason: REPEATED,
  },
  {
    file: 'sip-udp-voip1b.pcapng',
    stream: '172.16.98.181 4006 172.16.98.182 7078 0x3adf0949',
    differences: ['packets 32 for 1', 'max_delta 21.552 for 0', 'max_jitter 0.51 for 0'],
    reason: STOPS,
  },
];
