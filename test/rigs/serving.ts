/** Running `serve` in tests, and traffic for it. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, start, type summary, until } from './sipcap.js';

/** A header makes each message distinct. */
export function marked(message: Buffer, text: string): Buffer {
  const at = message.indexOf('\r\n') + 2;
  return Buffer.concat([message.subarray(0, at), Buffer.from(`X-Mark: ${text}\r\n`), message.subarray(at)]);
}

/** `serve` with this configuration in a file of the folder. */
export async function serveIn(folder: string, name: string, text: string): Promise<Running> {
  writeFileSync(join(folder, name), text);
  const running = start(['serve', '-c', join(folder, name), '--summary', 'json'], { cwd: folder });
  await until(() => running.logged().includes(`serving ${join(folder, name)}`), `${name} to serve: ${running.logged()}`);
  return running;
}

export async function stop(running: Running) {
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  const line = ended.stderr
    .split('\n')
    .filter((text) => text.startsWith('{"inputs"'))
    .pop()!;
  return { code: ended.code, logged: ended.stderr, all: JSON.parse(line) as ReturnType<typeof summary> & { frames: { received: number } } };
}

/** Slow enough for the kernel's buffer. */
export async function sendUdp(port: number, datagrams: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const [i, datagram] of datagrams.entries()) {
    await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
    if (i % 20 === 0) await sleep(1);
  }
  socket.close();
}
