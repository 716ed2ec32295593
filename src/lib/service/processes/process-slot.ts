/** The place of one process in a group: it is started there, and again when it dies, after a while that doubles. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/index.js';
import type { Ending } from './ending.js';
import type { FromProcess, PlainError, Task, ToProcess } from './protocol.js';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
/** One that has worked for this long is started again as soon as the first time. */
const GOOD_MS = 60_000;
/**
 * Each process says something every second, and is looked at as often: after so many looks without a word it hangs, and
 * is lost. Until it runs a busy machine may keep it from saying anything for longer.
 */
const RUNNING_LOOKS = { hangs: 10, lost: 30 };
const STARTING_LOOKS = { hangs: 30, lost: 60 };
/** Connections that wait for a process. */
const MAX_WAITING = 1024;

interface Waiting {
  listener: string;
  socket: Socket;
}

export interface SlotOwner {
  readonly clock: Clock;
  readonly count: number;
  taskOf(index: number): Task;
  onMessage(slot: ProcessSlot, message: FromProcess): void;
  onReady(slot: ProcessSlot): void;
  /** It hung, and does no longer. */
  onAnswer(slot: ProcessSlot): void;
  onEnd(slot: ProcessSlot, ending: Ending): void;
}

export class ProcessSlot {
  isReady = false;
  restarts = 0;
  /** Since when it takes no connections; monotonic milliseconds. */
  downSince: number;
  /** Why it could not start the last time; '' after it could. */
  problem = '';
  private child: ChildProcess | null = null;
  private readyAt = 0;
  /** Looks since it said something. A parent that was paused itself has not looked, so this is not a time. */
  silentLooks = 0;
  private silentSeconds = 0;
  private delayMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private readonly waiting: Waiting[] = [];
  /** On its way to the process. */
  private passing: Waiting | null = null;

  constructor(
    readonly index: number,
    private readonly owner: SlotOwner,
  ) {
    this.downSince = owner.clock.monotonic();
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  get hangs(): boolean {
    return this.isRunning && this.silentLooks >= this.limits.hangs;
  }

  get takesConnections(): boolean {
    return this.isReady && !this.hangs;
  }

  /** Why it does not work; '' where it does. */
  get trouble(): string {
    if (this.hangs) return 'does not answer';
    return this.isReady ? '' : this.problem || 'is starting';
  }

  /** To be called every second: whether it has just begun to hang, or is to be killed now. */
  look(): 'hangs' | 'lost' | '' {
    if (!this.isRunning) return '';
    this.silentLooks++;
    const { hangs, lost } = this.limits;
    return this.silentLooks === hangs ? 'hangs' : this.silentLooks === lost ? 'lost' : '';
  }

  killSilent(): void {
    this.silentSeconds = this.silentLooks;
    this.signal('SIGKILL');
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    this.timer = null;
    this.silentLooks = 0;
    this.silentSeconds = 0;
    const child = fork(childFile(), [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child = child;
    let word: Ending['word'] = null;
    let exit: { code: number | null; signal: NodeJS.Signals | null } | null = null;
    let isConnected = true;
    // What it sent last may be read after its exit.
    const ended = () => {
      if (exit === null || isConnected || this.child !== child) return;
      this.child = null;
      this.down();
      this.owner.onEnd(this, { ...exit, word, silentSeconds: this.silentSeconds });
    };
    child.on('message', (message: FromProcess) => {
      this.heard();
      if (message.kind === 'hello') this.begin();
      else if (message.kind === 'ready') this.ready();
      else {
        if (message.kind === 'ended' || message.kind === 'failed') word = message;
        this.owner.onMessage(this, message);
      }
    });
    child.on('disconnect', () => {
      isConnected = false;
      ended();
    });
    child.on('exit', (code, signal) => {
      exit = { code, signal };
      isConnected &&= child.connected;
      ended();
    });
    child.on('error', (error: Error) => {
      if (child.pid !== undefined) return;
      word = { kind: 'failed', error: startError(error) };
      exit = { code: null, signal: null };
      isConnected = false;
      ended();
    });
  }

  /** After it died; returns in how many milliseconds. */
  startAgain(): number {
    const isGood = this.readyAt > 0 && this.owner.clock.monotonic() - this.readyAt >= GOOD_MS;
    this.delayMs = isGood || this.delayMs === 0 ? FIRST_DELAY_MS : Math.min(2 * this.delayMs, MAX_DELAY_MS);
    this.readyAt = 0;
    this.timer = setTimeout(() => this.start(), this.delayMs);
    return this.delayMs;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  send(message: ToProcess): void {
    if (this.child?.connected === true) this.child.send(message, () => {});
  }

  /** Passes the connection on, now or once it answers; false where too many wait. */
  pass(listener: string, socket: Socket): boolean {
    if (this.waiting.length >= MAX_WAITING) return false;
    this.waiting.push({ listener, socket });
    this.passNext();
    return true;
  }

  /** Those that wait for it, which somebody else is to take. */
  takeWaiting(): Waiting[] {
    return this.waiting.splice(0).filter(({ socket }) => !socket.destroyed);
  }

  /** It is not started again. */
  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const { listener, socket } of this.takeWaiting()) {
      if (this.takesConnections) this.child?.send({ kind: 'connection', listener } satisfies ToProcess, socket, () => {});
      else socket.destroy();
    }
  }

  private begin(): void {
    this.send({ kind: 'begin', task: this.owner.taskOf(this.index), place: { index: this.index, count: this.owner.count } });
  }

  private ready(): void {
    this.isReady = true;
    this.silentLooks = 0;
    this.problem = '';
    this.readyAt = this.owner.clock.monotonic();
    this.owner.onReady(this);
    this.passNext();
  }

  private heard(): void {
    const { hangs } = this;
    this.silentLooks = 0;
    if (!hangs) return;
    this.owner.onAnswer(this);
    this.passNext();
  }

  private get limits(): typeof RUNNING_LOOKS {
    return this.isReady ? RUNNING_LOOKS : STARTING_LOOKS;
  }

  private down(): void {
    if (this.isReady) this.downSince = this.owner.clock.monotonic();
    this.isReady = false;
    if (this.passing !== null) this.waiting.unshift(this.passing);
    this.passing = null;
  }

  /** One at a time: what a process that hangs does not read stays here, where another can have it. */
  private passNext(): void {
    const { child } = this;
    if (this.passing !== null || !this.takesConnections || child?.connected !== true) return;
    let next = this.waiting.shift();
    while (next?.socket.destroyed === true) next = this.waiting.shift();
    if (next === undefined) return;
    const passed = (this.passing = next);
    const message: ToProcess = { kind: 'connection', listener: next.listener };
    child.send(message, next.socket, (error) => {
      // Its process has ended, and it waits for the next.
      if (this.passing !== passed) return;
      // Its sender connects again.
      if (error !== null && child.connected) passed.socket.destroy();
      else if (error !== null) this.waiting.unshift(passed);
      this.passing = null;
      this.passNext();
    });
  }
}

/** That of the bundle starts in half of the time. */
function childFile(): string {
  const bundled = fileURLToPath(new URL('../../../bundle/child.mjs', import.meta.url));
  return existsSync(bundled) ? bundled : fileURLToPath(new URL('./child.js', import.meta.url));
}

function startError({ name, message, stack = '' }: Error): PlainError {
  return { name, message: `cannot start a process: ${message}`, stack, members: {} };
}
