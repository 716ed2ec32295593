/** The FIFO for management commands, in both protocols; replies go into FIFOs that clients make in one folder. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { UsageError, type Clock, type Log } from '../../base/index.js';
import type { ManagedNode } from './commands.js';
import { takeRequest, type FifoRequest } from './fifo-request.js';
import { answerJsonRpc } from './json-rpc.js';
import { removeIfAllowed } from './remove.js';
import { checkReplyDirectory, writeReply } from './reply-fifo.js';
import { answerText } from './text-protocol.js';

/** An incomplete request is dropped beyond this size, or after this time. */
const MAX_TEXT = 65_536;
const PATIENCE_MS = 2000;
/** Maximum number of queued requests; a client that sends more gets no replies. */
const MAX_QUEUED = 1000;
/** Interval at which to check that the path still refers to the open FIFO. */
const CHECK_EVERY_MS = 5000;
/** The group may write commands; only the node may read them. */
const MODE = '620';

export interface FifoOptions {
  path: string;
  /** Of reply FIFOs; may change while it runs. */
  replyDirectory: string;
  checkEveryMs?: number;
}

export class MiFifo {
  private socket: Socket | null = null;
  /** Of the FIFO that is open. */
  private inode: Inode = { dev: -1, ino: -1 };
  private text = '';
  private timer: NodeJS.Timeout | null = null;
  private watch: NodeJS.Timeout | null = null;
  private work: Promise<void> = Promise.resolve();
  private queued = 0;
  private lastProblem = '';

  constructor(
    private readonly options: FifoOptions,
    private readonly node: ManagedNode,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Creates the FIFO if missing; throws a UsageError if that fails, or if the path is something else. */
  open(): void {
    checkReplyDirectory(this.options.replyDirectory);
    this.listen();
    this.watch = setInterval(() => this.check(), this.options.checkEveryMs ?? CHECK_EVERY_MS);
    this.watch.unref();
  }

  useReplyDirectory(directory: string): void {
    this.options.replyDirectory = directory;
  }

  async close(): Promise<void> {
    if (this.watch !== null) clearInterval(this.watch);
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.destroy();
    await this.work;
    // Another node may have taken the name meanwhile.
    if (isSame(found(this.options.path), this.inode)) removeIfAllowed(this.options.path);
  }

  private listen(): void {
    const { path } = this.options;
    const descriptor = openFifo(path);
    const { dev, ino } = fstatSync(descriptor);
    this.inode = { dev, ino };
    const socket = new Socket({ fd: descriptor, readable: true, writable: false });
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => this.take(piece));
    socket.on('error', (error) => this.log.warn(`${path}: ${error.message}`));
    this.socket = socket;
    this.text = '';
  }

  /** Removed, or replaced by another FIFO or file: commands would be lost. */
  private check(): void {
    const { path } = this.options;
    const now = found(path);
    if (isSame(now, this.inode)) return;
    try {
      const before = this.socket;
      this.listen();
      before?.destroy();
      this.lastProblem = '';
      this.log.warn(`FIFO ${path} was ${now === null ? 'removed: created again' : 'replaced: reopened'}`);
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.lastProblem) this.log.error(`management by FIFO is not available: ${message}`);
      this.lastProblem = message;
    }
  }

  private take(piece: string): void {
    this.text += piece;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (let taken = takeRequest(this.text); taken !== null; taken = takeRequest(this.text)) {
      this.text = taken.rest;
      const { request } = taken;
      if (request !== null) this.enqueue(request);
      if (this.text === '') break;
    }
    if (this.text.length > MAX_TEXT) this.text = '';
    if (this.text !== '') {
      this.timer = setTimeout(() => {
        this.log.warn('mi: gave up an incomplete request');
        this.text = '';
      }, PATIENCE_MS);
      this.timer.unref();
    }
  }

  /** One after the other, in order of arrival. */
  private enqueue(request: FifoRequest): void {
    if (this.queued >= MAX_QUEUED) return;
    this.queued++;
    this.work = this.work
      .then(() => this.answer(request))
      .catch((error: Error) => this.log.warn(`mi: ${error.message}`))
      .finally(() => this.queued--);
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

  private async reply(name: string, text: string): Promise<void> {
    if (name === '') return;
    try {
      await writeReply(this.options.replyDirectory, name, text);
    } catch (error) {
      this.log.warn(`mi: no reply through '${name}' in ${this.options.replyDirectory}: ${(error as Error).message}`);
    }
  }
}

type Inode = Pick<Stats, 'dev' | 'ino'>;

function found(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function isSame(one: Inode | null, other: Inode): boolean {
  return one !== null && one.dev === other.dev && one.ino === other.ino;
}

/** Opened for reading and writing, so that there is no end of file when a client closes its end. */
function openFifo(path: string): number {
  try {
    if (found(path) === null) execFileSync('mkfifo', ['-m', MODE, '--', path], { stdio: 'ignore' });
  } catch {
    throw new UsageError(`cannot create the FIFO ${path}: is its folder there and writable?`);
  }
  if (isRead(path)) throw new UsageError(`another program reads the FIFO ${path}: commands would reach one or the other`);
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw new UsageError(`cannot open the FIFO ${path}: ${(error as Error).message}`);
  }
  const { mode } = fstatSync(descriptor);
  const problem = !fstatSync(descriptor).isFIFO()
    ? `${path} exists and is not a FIFO`
    : (mode & 0o002) !== 0
      ? `the FIFO ${path} is writable by everybody (chmod o-w)`
      : '';
  if (problem === '') return descriptor;
  closeSync(descriptor);
  throw new UsageError(problem);
}

/** Whether a program has it open for reading: only then can it be opened for writing without waiting. */
function isRead(path: string): boolean {
  if (found(path)?.isFIFO() !== true) return false;
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return true;
  } catch {
    return false;
  }
}
