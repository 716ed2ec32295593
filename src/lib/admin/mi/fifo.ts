/** The FIFO for management commands, both protocols; replies go into FIFOs that the asker made in one folder. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError, type Clock, type Log } from '../../base/index.js';
import type { ManagedNode } from './commands.js';
import { takeRequest, type FifoRequest } from './fifo-request.js';
import { answerJsonRpc } from './json-rpc.js';
import { answerText } from './text-protocol.js';

/** A request in pieces that never becomes whole is given up at this size, or after this time. */
const MAX_TEXT = 65_536;
const PATIENCE_MS = 2000;
/** The original's: the asker may be a little late in opening its end. */
const REPLY_TRIES = 4;
const REPLY_PAUSE_MS = 80;
/** Somebody may have removed the FIFO. */
const LOOK_EVERY_MS = 30_000;

export interface FifoOptions {
  path: string;
  replyDirectory: string;
}

export class MiFifo {
  private socket: Socket | null = null;
  private text = '';
  private timer: NodeJS.Timeout | null = null;
  private watch: NodeJS.Timeout | null = null;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: FifoOptions,
    private readonly node: ManagedNode,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Makes the FIFO (mode 0660) where there is none; throws a UsageError where something else has the name. */
  open(): void {
    const { path } = this.options;
    if (existsSync(path) && !lstatSync(path).isFIFO()) throw new UsageError(`${path} is there and is no FIFO`);
    this.listen();
    this.watch = setInterval(() => {
      if (existsSync(path)) return;
      this.log.warn(`the FIFO ${path} was removed: it is made again`);
      this.socket?.destroy();
      this.listen();
    }, LOOK_EVERY_MS);
    this.watch.unref();
  }

  async close(): Promise<void> {
    if (this.watch !== null) clearInterval(this.watch);
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.destroy();
    await this.work;
    rmSync(this.options.path, { force: true });
  }

  private listen(): void {
    const { path } = this.options;
    try {
      if (!existsSync(path)) execFileSync('mkfifo', ['-m', '660', path], { stdio: 'ignore' });
      // Open for both ways, so that it has no end when an asker closes its own.
      this.socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
    } catch (error) {
      throw new UsageError(`cannot make the FIFO ${path}: ${(error as Error).message}`);
    }
    this.socket.setEncoding('utf8');
    this.socket.on('data', (piece: string) => this.take(piece));
    this.socket.on('error', (error) => this.log.warn(`${path}: ${error.message}`));
  }

  private take(piece: string): void {
    this.text += piece;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (let taken = takeRequest(this.text); taken !== null; taken = takeRequest(this.text)) {
      this.text = taken.rest;
      const { request } = taken;
      // One after the other, as they came.
      if (request !== null)
        this.work = this.work.then(() => this.answer(request)).catch((error: Error) => this.log.warn(`mi: ${error.message}`));
      if (this.text === '') break;
    }
    if (this.text.length > MAX_TEXT) this.text = '';
    if (this.text !== '') {
      this.timer = setTimeout(() => {
        this.log.warn('mi: a request that never became whole was given up');
        this.text = '';
      }, PATIENCE_MS);
      this.timer.unref();
    }
  }

  private async answer(request: FifoRequest): Promise<void> {
    const now = this.clock.now();
    if (request.kind === 'text') {
      await this.reply(request.reply, await answerText(this.node, request.command, request.lines, now));
      return;
    }
    const reply = await answerJsonRpc(this.node, request.json, now);
    if (reply.kind === 'answer') await this.reply(request.reply, reply.text);
  }

  /** Into a FIFO of that name in the one folder; anything else that has the name gets nothing. */
  private async reply(name: string, text: string): Promise<void> {
    if (name === '') return;
    if (/[./\\\0]/.test(name)) {
      this.log.warn(`mi: '${name}' is no name for a reply FIFO`);
      return;
    }
    const path = join(this.options.replyDirectory, name);
    for (let tries = 0; tries < REPLY_TRIES; tries++) {
      if (tries > 0) await sleep(REPLY_PAUSE_MS);
      try {
        const found = lstatSync(path);
        if (!found.isFIFO() || found.nlink > 1) throw new Error('is no FIFO of its own');
        const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
        try {
          for (let bytes = Buffer.from(text); bytes.length > 0;) bytes = bytes.subarray(writeSync(descriptor, bytes));
        } finally {
          closeSync(descriptor);
        }
        return;
      } catch (error) {
        if (tries === REPLY_TRIES - 1) this.log.warn(`mi: no reply through ${path}: ${(error as Error).message}`);
      }
    }
  }
}
