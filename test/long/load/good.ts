/** Good messages, each with a Call-ID of its own that names its way: HEP by UDP, TCP and TLS, and UDP, TCP and WebSocket in the mirror. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { hep3 } from '../../../bench/corpus.mjs';
import { Conversation, SWITCHING, UPGRADE, webSocketFrame } from '../../rigs/conversation.js';
import { ETHER_IPV4, ethernet, udpPacket } from '../../rigs/frames.js';
import { options } from '../../rigs/messages.js';

export const WAYS = ['hep-udp', 'hep-tcp', 'hep-tls', 'mirror-udp', 'mirror-tcp', 'mirror-ws'] as const;
export type Way = (typeof WAYS)[number];
export type Sent = Record<Way, number>;

const BODY_BYTES = 250;
const PER_CONVERSATION = 10;
const PER_TURN = 10;

/** `good-mirror-ws-17`. */
export function goodMessage(way: Way, number: number): Buffer {
  return options(`good-${way}-${number}`, BODY_BYTES);
}

/** Sends HEP, a third each way, in ticks; a stream that cannot take more gets no more. */
export class HepSender {
  private readonly datagrams = createSocket('udp4');
  private streams: Record<'hep-tcp' | 'hep-tls', Socket> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private owed = 0;

  constructor(
    private readonly ports: { udp: number; tcp: number; tls: number },
    private readonly rate: number,
    private readonly sent: Sent,
    private readonly problems: string[],
  ) {}

  async start(): Promise<void> {
    const tcp = connect(this.ports.tcp, '127.0.0.1');
    const tls = connectTls({ port: this.ports.tls, host: '127.0.0.1', rejectUnauthorized: false });
    await Promise.all([once(tcp, 'connect'), once(tls, 'secureConnect')]);
    for (const [name, stream] of Object.entries({ tcp, tls }))
      stream.on('error', (error) => this.problems.push(`the connection of good messages by ${name} broke: ${error.message}`));
    this.streams = { 'hep-tcp': tcp, 'hep-tls': tls };
    // A listener waits for the first header for so long only.
    this.owed = 3;
    this.tick();
    let last = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      // After a pause of the machine it does not catch up in one burst.
      this.owed = Math.min(this.owed + ((now - last) * this.rate) / 1000, this.rate / 5);
      last = now;
      this.tick();
    }, 10);
  }

  private tick(): void {
    const each = Math.floor(this.owed / 3);
    this.owed -= each * 3;
    for (let i = 0; i < each; i++) this.datagrams.send(this.packet('hep-udp'), this.ports.udp, '127.0.0.1');
    for (const way of ['hep-tcp', 'hep-tls'] as const) {
      const stream = this.streams![way];
      if (each > 0 && !stream.writableNeedDrain && !stream.destroyed)
        stream.write(Buffer.concat(Array.from({ length: each }, () => this.packet(way))));
    }
  }

  private packet(way: Way): Buffer {
    const number = this.sent[way]++;
    return hep3(goodMessage(way, number), number) as Buffer;
  }

  /** Ends in order: everything sent is received. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    for (const stream of Object.values(this.streams ?? {})) {
      if (stream.destroyed) continue;
      const closed = once(stream, 'close');
      stream.end();
      stream.resume();
      await closed;
    }
    this.datagrams.close();
  }
}

/** The frames of so many messages, a third each way; every conversation has ends of its own. The sender of HEP gets its turns meanwhile. */
export async function goodFrames(messages: number, sent: Sent): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const each = Math.max(1, Math.round(messages / 3 / PER_CONVERSATION));
  for (let i = 0; i < each; i++) {
    if (i % PER_TURN === 0) await turn();
    frames.push(...conversation('mirror-tcp', sent), ...conversation('mirror-ws', sent));
    for (let one = 0; one < PER_CONVERSATION; one++)
      frames.push(
        ethernet(ETHER_IPV4, udpPacket({ source: '10.9.0.1', destination: '10.9.0.2' }, goodMessage('mirror-udp', sent['mirror-udp']++))),
      );
  }
  return frames;
}

function conversation(way: 'mirror-tcp' | 'mirror-ws', sent: Sent): Buffer[] {
  const number = sent[way] / PER_CONVERSATION;
  const ends = {
    source: `10.${way === 'mirror-ws' ? 11 : 10}.${(number >> 8) & 255}.${number & 255}`,
    destination: '10.9.0.2',
    sourcePort: 20_000 + ((number >> 16) & 4095),
  };
  const talk = new Conversation(ends.sourcePort).open();
  if (way === 'mirror-ws') talk.client(UPGRADE).server(SWITCHING);
  for (let i = 0; i < PER_CONVERSATION; i++) {
    const message = goodMessage(way, sent[way]++);
    talk.client(way === 'mirror-ws' ? webSocketFrame(message, true) : message, 600);
  }
  return talk.close().frames.map(({ bytes, from, to }) => moved(bytes.subarray(from, to), ends.source));
}

/** Another client; nobody checks checksums of a mirror port. */
function moved(frame: Buffer, source: string): Buffer {
  const bytes = Buffer.from(frame);
  const address = source.split('.').map(Number);
  const [client, server] = [Buffer.from([127, 0, 0, 1]), Buffer.from([127, 0, 0, 2])];
  for (const at of [26, 30]) {
    const end = bytes.subarray(at, at + 4);
    if (end.equals(client)) end.set(address);
    else if (end.equals(server)) end.set([10, 9, 0, 2]);
  }
  return bytes;
}
