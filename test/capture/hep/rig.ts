/** Listeners on loopback, what they delivered, what they logged. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Gate, type HepEndpoint, type Log } from '../../../src/lib/base/index.js';
import { HepStreamListener, type HepArrival, type StreamListenerOptions } from '../../../src/lib/capture/hep/index.js';
import type { HepPeer } from '../../../src/lib/hep/index.js';

export function packet(number: number, bytes = 60): Buffer {
  const made = Buffer.alloc(bytes, 0x2e);
  made.write('HEP3', 0, 'latin1');
  made.writeUInt16BE(bytes, 4);
  made.writeUInt32BE(number, 6);
  return made;
}

export const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export async function until(what: string, condition: () => boolean, withinMs = 5000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > withinMs) throw new Error(`never happened: ${what}`);
    await sleep(5);
  }
}

/** A log whose lines can be inspected. */
export class Lines implements Log {
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  debug(): void {}
  info(text: string): void {
    this.infos.push(text);
  }
  warn(text: string): void {
    this.warnings.push(text);
  }
  error(text: string): void {
    this.warnings.push(text);
  }
}

/** Takes arrivals; with `limit` it reports full until `open`. */
export class Receiver implements Gate {
  readonly numbers: number[] = [];
  readonly packets: Buffer[] = [];
  peers: HepPeer[] = [];
  receivedAt: number[] = [];
  limit = Infinity;
  private waiting: (() => void)[] = [];

  readonly deliver = (arrival: HepArrival): boolean => {
    const bytes = arrival.bytes.subarray(arrival.from, arrival.to);
    this.packets.push(bytes);
    this.numbers.push(bytes.length >= 10 ? bytes.readUInt32BE(6) : -1);
    this.peers.push(arrival.peer);
    this.receivedAt.push(arrival.receivedAt);
    return this.numbers.length < this.limit;
  };

  ready(): Promise<void> {
    if (this.numbers.length < this.limit) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  open(): void {
    this.limit = Infinity;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

export const LOOPBACK: HepEndpoint = { transport: 'tcp', host: '127.0.0.1', port: 0 };

export interface Listening {
  listener: HepStreamListener;
  receiver: Receiver;
  lines: Lines;
  finished: Promise<void>;
}

export async function listening(options: StreamListenerOptions = {}, endpoint: HepEndpoint = LOOPBACK): Promise<Listening> {
  const lines = new Lines();
  const receiver = new Receiver();
  const listener = new HepStreamListener(endpoint, systemClock, lines, options);
  await listener.open();
  return { listener, receiver, lines, finished: listener.start(receiver.deliver, receiver) };
}

export function connected(port: number, host = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.on('error', () => undefined);
  });
}

export function closed(socket: Socket): Promise<void> {
  socket.resume();
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A self-signed certificate for 127.0.0.1; null without openssl. */
export function certificate(name: string): { key: Buffer; cert: Buffer } | null {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-tls-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((file) => join(folder, file));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
