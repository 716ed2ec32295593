/** `sipcap mi`: a management command to a running node, over HTTP, datagram or FIFO. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { Socket, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { UnreachableError, EXIT_DONE, EXIT_USAGE, type Environment } from '../base/index.js';
import { unixDatagram, unixPath } from '../admin/mi/unix-datagram.js';

export interface MiOptions {
  command: string;
  parameters: readonly string[];
  fifo: string;
  /** Folder in which the reply FIFO is made. */
  replyDirectory: string;
  datagram: string;
  http: string;
  token: string;
}

const PATIENCE_MS = 5000;

export async function mi(options: MiOptions, env: Environment): Promise<number> {
  const text = JSON.stringify({ jsonrpc: '2.0', method: options.command, params: options.parameters, id: '1' });
  const answer =
    options.http !== ''
      ? await overHttp(options, text)
      : options.datagram !== ''
        ? await byDatagram(options, text)
        : await throughFifo(options, text);
  let reply: { result?: unknown; error?: { message: string; data?: string } };
  try {
    reply = JSON.parse(answer) as typeof reply;
  } catch {
    throw new UnreachableError(`no sense in the answer: ${answer.slice(0, 200)}`);
  }
  if (reply.error !== undefined) {
    env.stderr.write(
      `sipcap: ${options.command}: ${reply.error.message}${reply.error.data === undefined ? '' : `: ${reply.error.data}`}\n`,
    );
    return EXIT_USAGE;
  }
  env.stdout.write(shown(reply.result));
  return EXIT_DONE;
}

/** One line a member. */
function shown(result: unknown): string {
  if (Array.isArray(result)) return result.map((each) => `${typeof each === 'object' ? JSON.stringify(each) : String(each)}\n`).join('');
  if (typeof result === 'object' && result !== null)
    return Object.entries(result)
      .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`)
      .join('');
  return `${String(result)}\n`;
}

function overHttp({ http, token }: MiOptions, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new UnreachableError(`${http}: ${error.message}`));
    const asked = request(
      http,
      {
        method: 'POST',
        timeout: PATIENCE_MS,
        headers: { 'Content-Type': 'application/json', ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          response.statusCode === 200 ? resolve(Buffer.concat(pieces).toString('utf8')) : fail(new Error(`HTTP ${response.statusCode}`)),
        );
      },
    );
    asked.on('error', fail).on('timeout', () => asked.destroy(new Error('no answer')));
    asked.end(text);
  });
}

function byDatagram({ datagram: where, replyDirectory }: MiOptions, text: string): Promise<string> {
  const path = unixPath(where);
  if (path !== '') return byUnixDatagram(path, replyDirectory, text);
  const match = /^udp:(?:\[([^\]]+)\]|([^:]+)):(\d+)$/i.exec(where);
  if (match === null) throw new UnreachableError(`${where}: write udp:address:port or the path of a UNIX socket`);
  const host = match[1] ?? match[2];
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new UnreachableError(`${where}: no answer`)), PATIENCE_MS);
    socket.on('message', (bytes) => {
      clearTimeout(timer);
      resolve(bytes.toString('utf8'));
    });
    socket.on('error', (error) => reject(new UnreachableError(`${where}: ${error.message}`)));
    socket.connect(Number(match[3]), host, () => socket.send(text));
  }).finally(() => socket.close());
}

async function byUnixDatagram(path: string, replyDirectory: string, text: string): Promise<string> {
  const own = join(replyDirectory, `sipcap_reply_${process.pid}`);
  const socket = await unixDatagram(own);
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new UnreachableError(`${path}: no answer`)), PATIENCE_MS);
    const fail = (error?: Error) => {
      if (error === undefined || error === null) return;
      clearTimeout(timer);
      reject(new UnreachableError(`${path}: ${error.message}`));
    };
    socket.on('data', (bytes) => {
      clearTimeout(timer);
      resolve(bytes.toString('utf8'));
    });
    socket.on('error', fail);
    const request = Buffer.from(text);
    socket.sendTo(request, 0, request.length, path, fail);
  }).finally(() => {
    socket.close();
    rmSync(own, { force: true });
  });
}

async function throughFifo({ fifo, replyDirectory }: MiOptions, text: string): Promise<string> {
  const name = `sipcap_reply_${process.pid}`;
  const path = join(replyDirectory, name);
  execFileSync('mkfifo', ['-m', '622', path]);
  const reader = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
  try {
    const descriptor = openFifo(fifo);
    writeSync(descriptor, `:${name}:${text}`);
    closeSync(descriptor);
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new UnreachableError(`${fifo}: no answer`)), PATIENCE_MS);
      let got = '';
      reader.setEncoding('utf8');
      reader.on('data', (piece: string) => {
        got += piece;
        // The answer ends where its JSON ends; our own end keeps the FIFO from ever being at its end.
        try {
          JSON.parse(got);
        } catch {
          return;
        }
        clearTimeout(timer);
        resolve(got);
      });
    });
  } finally {
    reader.destroy();
    rmSync(path, { force: true });
  }
}

function openFifo(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UnreachableError(
      `${path}: ${(error as NodeJS.ErrnoException).code === 'ENXIO' ? 'nobody reads it' : (error as Error).message}`,
    );
  }
}
