/** `sipcap mi`: sends a management command to a running node, over HTTP, by datagram or through its FIFO. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { closeSync, constants, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { Socket, isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { UnreachableError, UsageError, escapedLine, systemErrorText, EXIT_DONE, EXIT_USAGE, type Environment } from '../base/index.js';
import { unixDatagram, unixPath } from '../admin/mi/unix-datagram.js';

export interface MiOptions {
  command: string;
  parameters: readonly string[];
  fifo: string;
  /** Folder in which the reply FIFO is made; '' is that of the node's FIFO or socket. */
  replyDirectory: string;
  datagram: string;
  http: string;
  token: string;
}

const PATIENCE_MS = 5000;
const MAX_SHOWN = 200;

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
    throw new UnreachableError(`invalid reply: ${escapedLine(answer.slice(0, MAX_SHOWN))}`);
  }
  if (reply.error !== undefined) {
    const { message, data } = reply.error;
    env.stderr.write(`sipcap: ${escapedLine(`${options.command}: ${message}${data === undefined ? '' : `: ${data}`}`)}\n`);
    return EXIT_USAGE;
  }
  env.stdout.write(shown(reply.result));
  return EXIT_DONE;
}

/** One line a member. */
function shown(result: unknown): string {
  const one = (value: unknown) => escapedLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
  if (Array.isArray(result)) return result.map((each) => `${one(each)}\n`).join('');
  if (typeof result === 'object' && result !== null)
    return Object.entries(result)
      .map(([name, value]) => `${escapedLine(name)}: ${one(value)}\n`)
      .join('');
  return `${one(result)}\n`;
}

function overHttp({ http, token }: MiOptions, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new UnreachableError(`${http}: ${error.message}`));
    const asked = request(
      urlOf(http),
      {
        method: 'POST',
        timeout: PATIENCE_MS,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
          ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => {
          const body = Buffer.concat(pieces).toString('utf8');
          if (response.statusCode === 200) resolve(body);
          else fail(new Error(`HTTP ${response.statusCode}${body === '' ? '' : `, ${escapedLine(body.trim().slice(0, MAX_SHOWN))}`}`));
        });
      },
    );
    asked.on('error', fail).on('timeout', () => asked.destroy(new Error('no reply')));
    asked.end(text);
  });
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:') throw new UsageError(`invalid --http '${text}': expected http://127.0.0.1:8888/mi`);
  return url;
}

function byDatagram({ datagram: where, replyDirectory }: MiOptions, text: string): Promise<string> {
  const path = unixPath(where);
  if (path !== '') return byUnixDatagram(path, replyDirectory, text);
  const match = /^udp:(?:\[([^\]]+)\]|([^:]+)):(\d+)$/i.exec(where);
  if (match === null) throw new UsageError(`invalid --datagram '${where}': expected udp:127.0.0.1:8080 or the path of a UNIX socket`);
  const host = match[1] ?? match[2];
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new UnreachableError(`${where}: no reply`)), PATIENCE_MS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(new UnreachableError(`${where}: ${error.message}`));
    };
    socket.on('message', (bytes) => {
      clearTimeout(timer);
      resolve(bytes.toString('utf8'));
    });
    socket.on('error', fail);
    socket.connect(Number(match[3]), host, () => socket.send(text));
  }).finally(() => socket.close());
}

async function byUnixDatagram(path: string, replyDirectory: string, text: string): Promise<string> {
  const own = join(replyDirectory || dirname(path), replyName());
  const socket = await unixDatagram(own);
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new UnreachableError(`${path}: no reply`)), PATIENCE_MS);
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
  const name = replyName();
  const path = join(replyDirectory || dirname(fifo), name);
  const descriptor = openFifo(fifo);
  try {
    if (!fstatSync(descriptor).isFIFO()) throw new UsageError(`${fifo} is not a FIFO`);
    makeReplyFifo(path);
    const reader = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
    try {
      writeSync(descriptor, `:${name}:${text}`);
      return await wholeReply(reader, fifo);
    } finally {
      reader.destroy();
    }
  } finally {
    closeSync(descriptor);
    rmSync(path, { force: true });
  }
}

/** The node, which may run as another user, writes into it. */
function makeReplyFifo(path: string): void {
  try {
    execFileSync('mkfifo', ['-m', '622', '--', path], { stdio: 'ignore' });
  } catch {
    throw new UsageError(`cannot create a reply FIFO in ${dirname(path)}: run it as root or as a member of the node's group`);
  }
}

function wholeReply(reader: Socket, fifo: string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new UnreachableError(`${fifo}: no reply (is --reply-directory the node's mi.reply_directory?)`)),
      PATIENCE_MS,
    );
    let got = '';
    reader.setEncoding('utf8');
    reader.on('data', (piece: string) => {
      got += piece;
      // The reply ends where its JSON ends; our own descriptor prevents an end of file on the FIFO.
      try {
        JSON.parse(got);
      } catch {
        return;
      }
      clearTimeout(timer);
      resolve(got);
    });
  });
}

function openFifo(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UnreachableError(
      `no node at ${path}: ${(error as NodeJS.ErrnoException).code === 'ENXIO' ? 'nobody reads it' : systemErrorText(error)}`,
    );
  }
}

/** Unguessable. */
function replyName(): string {
  return `sipcap_reply_${randomBytes(8).toString('hex')}`;
}
