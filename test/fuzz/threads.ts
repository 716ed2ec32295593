/** Fuzzers that need threads and sockets: decoding workers against none, the addon's sockets against Node's own. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Ledger,
  accountingErrors,
  silentLog,
  systemClock,
  type DatagramAddon,
  type Frame,
  type Message,
} from '../../src/lib/base/index.js';
import { HepUdpListener } from '../../src/lib/capture/hep/index.js';
import type { DecodePool } from '../../src/lib/extract/workers/index.js';
import { hep3 } from '../../bench/corpus.mjs';
import { hear } from '../rigs/conversation.js';
import { options } from '../rigs/messages.js';
import { shape, type Fuzzer } from './fuzzers.js';
import type { Next } from './streams.js';
import { damaged, traffic } from './traffic.js';

const WAIT_MS = 10_000;

function same(what: string, one: readonly string[], other: readonly string[]): void {
  if (one.length !== other.length) throw new Error(`${what}: ${one.length} is not ${other.length}`);
  for (const [i, text] of one.entries()) if (text !== other[i]) throw new Error(`${what}: ${text} is not ${other[i]}`);
}

/** What is given up belongs to a frame that came later, of which a byte is kept: which that is depends on the frames that a thread has seen. */
const isOfMessage = ({ from, to }: Frame) => to - from > 1;
const frameOf = ({ bytes, from, to, linkType, capturedAt, number }: Frame) => [
  bytes.toString('latin1', from, to),
  linkType,
  capturedAt,
  number,
];
const texts = (messages: readonly Message[]) =>
  messages
    .map((message) =>
      JSON.stringify([shape(message), message.envelope?.bytes.toString('latin1'), message.frames.filter(isOfMessage).map(frameOf)]),
    )
    .sort();

/** Each sender's frames go to one worker: together they yield what one thread does. */
export function workersAgainstNone(Pool: typeof DecodePool): Fuzzer {
  return {
    name: 'workers against none',
    share: 0.00002,
    async run(next: Next) {
      // Time goes on: where it is set back by less than a day, what is given up when depends on the frames that a thread has seen.
      let gone = 0;
      const frames = Array.from({ length: 6 }, () => traffic(next, true)).flatMap((some) => {
        const later = some.map((frame) => ({ ...frame, capturedAt: frame.capturedAt + gone }));
        gone = later[later.length - 1].capturedAt - some[0].capturedAt + 3600e6;
        return later;
      });
      for (const [i, frame] of frames.entries()) frame.number = i + 1;
      const ledger = new Ledger();
      const found: Message[] = [];
      const keepFrames = next(2) === 0;
      const pool = new Pool(1 + next(3), { ports: [], keepFrames, parseHep: true, tunnelTo: undefined }, ledger, silentLog, (message) => {
        ledger.delivered++;
        return found.push(message) > 0;
      });
      for (const frame of frames) if (!pool.frame(frame)) throw new Error('a frame was dropped');
      await pool.finish();
      same('messages of workers', texts(found), texts(hear(frames, { parseHep: true, keepFrames }).messages));
      same('laws of accounting', accountingErrors(ledger, []), []);
    },
  };
}

/** The same datagrams to both kinds of socket. */
export function addonAgainstPlain(addon: DatagramAddon): Fuzzer {
  let listeners: HepUdpListener[] = [];
  let received: string[][] = [];
  let sender: Socket | null = null;
  const open = async (): Promise<void> => {
    for (const one of [addon, null]) {
      const listener = new HepUdpListener({ transport: 'udp', host: '127.0.0.1', port: 0 }, systemClock, silentLog, { addon: one });
      await listener.open();
      const texts: string[] = [];
      void listener.start(({ bytes, from, to }) => texts.push(bytes.toString('latin1', from, to)) > 0);
      listeners.push(listener);
      received.push(texts);
    }
    sender = createSocket('udp4');
  };
  return {
    name: 'addon against plain sockets',
    share: 0.0001,
    async run(next: Next) {
      if (sender === null) await open();
      const sent = Array.from({ length: 20 }, (_, i) => damaged(hep3(options(`socket-${i}`, next(2000)), i) as Buffer, next));
      for (const bytes of sent) {
        for (const { port } of listeners)
          await new Promise<void>((resolve, reject) =>
            sender!.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
          );
      }
      for (let waited = 0; received.some(({ length }) => length < sent.length); waited++) {
        if (waited > WAIT_MS) throw new Error(`received ${received.map(({ length }) => length).join(' and ')} of ${sent.length}`);
        await sleep(1);
      }
      for (const texts of received)
        same(
          'datagrams',
          texts.splice(0),
          sent.map((bytes) => bytes.toString('latin1')),
        );
    },
    async close() {
      sender?.close();
      for (const listener of listeners) await listener.stop();
      listeners = [];
      received = [];
      sender = null;
    },
  };
}
