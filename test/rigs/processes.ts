/** `hep listen --processes` under test: its processes, and traffic of many senders. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { start, until, type Running } from './sipcap.js';

/** The pids of the processes, by index; those that do not run are missing. */
export function processesOf({ child }: Running): Map<number, number> {
  const found = new Map<number, number>();
  for (const pid of children(child.pid!)) {
    const index = /^sipcap: process (\d+)/.exec(titleOf(pid))?.[1];
    if (index !== undefined) found.set(Number(index), pid);
  }
  return found;
}

export function isAlive(pid: number): boolean {
  return titleOf(pid) !== '';
}

/** The pid of the next process that it starts, long before that is ready. */
export async function nextProcess({ child }: Running, known: readonly number[]): Promise<number> {
  // Until the process runs a program of its own its parent waits for it: one that is stopped then stops both.
  const isOwn = (pid: number) => /child\.m?js|^sipcap: process/.test(titleOf(pid));
  const fresh = () => children(child.pid!).filter((pid) => !known.includes(pid) && isOwn(pid));
  await until(() => fresh().length > 0, 'another process', 60_000);
  return fresh()[0];
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** '' where it has ended. */
function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Started and receiving. */
export async function listen(args: string[], options: Parameters<typeof start>[1] = {}): Promise<Running> {
  const running = start(['hep', 'listen', ...args, '--summary', 'json'], options);
  await until(() => / processes are receiving/.test(running.logged()) || running.child.exitCode !== null, 'the processes', 60_000);
  if (running.child.exitCode !== null) throw new Error(running.logged());
  return running;
}

export async function sendUdp(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
  socket.close();
}

/** From an address of its own: each is another sender. */
export function sendTcp(port: number, bytes: Buffer, from: string, tls = false): Promise<void> {
  return new Promise((done, fail) => {
    const socket = tls
      ? connectTls({ socket: connect({ port, host: '127.0.0.1', localAddress: from }), rejectUnauthorized: false })
      : connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', fail).on('close', () => done());
    socket.resume();
    socket.end(bytes);
  });
}
