/** Malformed packets of every kind: HEP for the listener, and what a mirror port may bring; and connections that send nonsense. */
import { connect, type Socket } from 'node:net';
import { hep3 } from '../../../bench/corpus.mjs';
import { mutated } from '../../fuzz/mutating.js';
import type { Next } from '../../fuzz/streams.js';
import { anyFrame, damaged } from '../../fuzz/traffic.js';
import * as make from '../../rigs/frames.js';
import { UPGRADE, webSocketFrame } from '../../rigs/conversation.js';
import { options } from '../../rigs/messages.js';
import { NEAR_ADDRESS, NEAR_MAC } from './inside.js';

const PORT_OF_SIP = 5060;

export function badFrames(count: number, hepPort: number, next: Next): Buffer[] {
  const seeds = Array.from({ length: 20 }, (_, i) => hep3(options(`bad-${i}`, i * 20), i) as Buffer);
  return Array.from({ length: count }, (_, i) => {
    const source = `127.${next(200)}.${next(256)}.${1 + next(254)}`;
    const tcp = { source, destination: '127.0.0.2', sourcePort: 1024 + next(60_000), destinationPort: PORT_OF_SIP };
    switch (i % 8) {
      case 0:
      case 1:
      case 2: {
        // HEP for the node's own listener, its first chunk broken so that none of it is stored.
        const bytes = mutated(seeds, next);
        const frame = ether(
          make.udpPacket({ source: `192.0.2.${2 + next(250)}`, destination: NEAR_ADDRESS, destinationPort: hepPort }, cut(bytes, next)),
        );
        NEAR_MAC.copy(frame, 0);
        return frame;
      }
      case 3:
        return ether(make.udpPacket({ ...tcp }, damagedSip(next)));
      case 4:
        return ether(make.tcpPacket({ ...tcp, flags: next(3) === 0 ? 'S' : 'PA', sequence: next(2 ** 31) }, damagedSip(next)));
      case 5: {
        const pieces = make.ipv4Fragments(
          { source, id: next(65_536) },
          make.udp({ destinationPort: PORT_OF_SIP }, options('pieces', 400)),
          200,
        );
        return ether(pieces[next(pieces.length - 1)]);
      }
      case 6: {
        const text = next(2) === 0 ? Buffer.from(UPGRADE) : webSocketFrame(damagedSip(next), next(2) === 0, next(256));
        return ether(make.tcpPacket({ ...tcp, sequence: 1 + next(1000) }, text));
      }
      default:
        return damaged(anyFrame(next).bytes, next);
    }
  }).map((frame) => (frame.length < 14 ? Buffer.concat([frame, Buffer.alloc(14 - frame.length)]) : frame.subarray(0, 1514)));
}

const ether = (packet: Buffer) => Buffer.from(make.ethernet(make.ETHER_IPV4, packet));

/** No version of HEP, or lengths that lie. */
function cut(bytes: Buffer, next: Next): Buffer {
  const result = Buffer.from(bytes.length < 8 ? Buffer.alloc(8, 0x48) : bytes.subarray(0, 1400));
  if (next(2) === 0) result[next(4)] ^= 0x55;
  else result.writeUInt16BE(next(6), 4);
  return result;
}

/** Its start line is none. */
function damagedSip(next: Next): Buffer {
  const bytes = Buffer.from(mutated([options('damaged', 100)], next));
  if (bytes.length > 0) bytes[0] = next(32);
  return bytes.subarray(0, 1300);
}

/** Opens connections with nonsense, headers without end, or nothing at all, some dozens at a time. */
export class BadConnections {
  private readonly open = new Set<Socket>();
  private readonly timer: NodeJS.Timeout;
  opened = 0;

  constructor(ports: readonly number[], next: Next) {
    this.timer = setInterval(() => {
      if (this.open.size >= 40) for (const socket of [...this.open].slice(0, 10)) socket.destroy();
      const socket = connect({ port: ports[next(ports.length)], host: '127.0.0.1', localAddress: `127.0.1.${1 + next(200)}` });
      this.opened++;
      this.open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.open.delete(socket));
      socket.resume();
      if (next(4) > 0)
        socket.write(mutated([hep3(options('x'), 1) as Buffer, Buffer.from('\x16\x03\x01\x02'), Buffer.alloc(300, 0x48)], next));
    }, 50);
  }

  close(): void {
    clearInterval(this.timer);
    for (const socket of this.open) socket.destroy();
  }
}
