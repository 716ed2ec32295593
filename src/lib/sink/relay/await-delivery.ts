/** Waiting for a target's backlog when work ends. That is rare, so its counters are simply looked at now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from './deadline.js';
import type { Target } from './target.js';

const LOOK_EVERY_MS = 10;
/** Of the time until the deadline, the part that is kept for ending the connection. */
const FINISH_SHARE = 0.2;
const FINISH_MS = 5000;
/** Connections in a row that broke at the end and had brought nothing forward, after which closing gives up. */
const MAX_FRUITLESS = 2;

export interface DrainResult {
  target: string;
  /** Sent by this drain. */
  sent: number;
  /** Still waiting. */
  backlog: number;
  lost: number;
  /** Why there is a backlog; '' where there is none. */
  lastError: string;
}

/** More is sent than ever before: what is sent, taken back and sent again is no progress. */
class Progress {
  private most: number;

  constructor(private readonly target: Target) {
    this.most = target.backlog.sent;
  }

  made(): boolean {
    const { sent } = this.target.backlog;
    const isMore = sent > this.most;
    this.most = Math.max(this.most, sent);
    return isMore;
  }
}

/** Until all is sent; or what memory holds is sent or spooled; or the target is away, or makes no progress, for that long. */
export async function settleTarget(target: Target, graceMs: number, deadline: Deadline, share = 1): Promise<void> {
  const { backlog } = target;
  const progress = new Progress(target);
  for (let idleMs = 0; backlog.waiting > 0 && idleMs < graceMs && !deadline.isPast(share);) {
    if (!target.up && backlog.queued === 0 && target.lastError !== '') return; // the spool has it
    await sleep(LOOK_EVERY_MS);
    idleMs = progress.made() ? 0 : idleMs + LOOK_EVERY_MS;
  }
}

/** Sends what can be sent before the deadline, and closes; what is not known to have arrived waits again. */
export async function closeTarget(target: Target, graceMs: number, deadline: Deadline): Promise<void> {
  const { backlog } = target;
  for (let fruitless = 0; fruitless < MAX_FRUITLESS;) {
    const { confirmed } = backlog;
    await settleTarget(target, graceMs, deadline, 1 - FINISH_SHARE);
    const wasUp = target.up;
    if ((await target.finish(Math.min(FINISH_MS, deadline.leftMs))) || !wasUp || deadline.isPast()) break;
    fruitless = backlog.confirmed > confirmed ? 0 : fruitless + 1;
    target.reconnect();
  }
  target.stop();
}

/** Sends what the spool holds; gives up on a target that is away for that long, or is connected and takes nothing for as long as a stalled one. */
export async function drainTarget(target: Target, patienceMs: number, stallMs: number): Promise<DrainResult> {
  const { backlog } = target;
  const sentBefore = backlog.sent;
  const progress = new Progress(target);
  if (backlog.waiting > 0) target.start();
  for (let idleMs = 0; backlog.waiting > 0 && idleMs < (target.up ? Math.max(stallMs, patienceMs) : patienceMs);) {
    await sleep(LOOK_EVERY_MS);
    idleMs = progress.made() ? 0 : idleMs + LOOK_EVERY_MS;
    if (backlog.waiting === 0 && !(await target.finish())) target.reconnect();
  }
  return {
    target: target.name,
    sent: backlog.sent - sentBefore,
    backlog: backlog.waiting,
    lost: backlog.lost().total(),
    lastError: backlog.waiting > 0 ? target.lastError : '',
  };
}
