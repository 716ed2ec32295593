/** The message if an interface cannot be opened: what is missing, and the command that grants it. */
import { UsageError } from '../../base/index.js';
import type { Refusal } from './child-protocol.js';

export function refusalError(device: string, why: Refusal, text: string): UsageError {
  switch (why) {
    case 'permission':
      return new UsageError(
        `no right to capture on ${device}: CAP_NET_RAW is missing; give it with sudo setcap cap_net_raw=ep ${process.execPath}, in a systemd unit with AmbientCapabilities=CAP_NET_RAW, or run under sudo (with --user NAME only the capture process stays root)`,
      );
    case 'package':
      return new UsageError(`live capture needs the optional package pcap (${text}): install libpcap-dev, then npm install pcap@3.1.0`);
    case 'filter':
      return new UsageError(`invalid filter (-f): ${text}; expected tcpdump syntax: udp port 5060`);
    case 'missing':
      return new UsageError(text);
  }
}
