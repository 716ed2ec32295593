/** Waiting for a target's backlog when a run ends. That is rare, so the counters are simply polled. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from './deadline.js';
import type { Target } from './target.js';

const LOOK_EVERY_MS = 10;
/** Closing gives up after this many consecutive connections that broke and delivered nothing. */
const MAX_FRUITLESS = 2;

export interface DrainResult {
  target: string;
  /** Sent by this drain. */
  sent: number;
  /** Still waiting. */
  backlog: number;
  lost: number;
  /** Why there is a backlog; '' if there is none. */
  lastError: string;
}

/** Progress means that more is sent than ever before: resent packets do not count. */
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

/** Resolves when everything is sent; or everything in memory is sent or spooled; or the target made no progress for `graceMs`. */
export async function settleTarget(target: Target, graceMs: number, deadline: Deadline): Promise<void> {
  const { backlog } = target;
  const progress = new Progress(target);
  for (let idleMs = 0; backlog.waiting > 0 && idleMs < graceMs && !deadline.isNear;) {
    if (!target.up && backlog.queued === 0 && target.lastError !== '') return; // the spool has it
    await sleep(LOOK_EVERY_MS);
    idleMs = progress.made() ? 0 : idleMs + LOOK_EVERY_MS;
  }
}

/** Sends what can be sent before the deadline, and closes; unconfirmed packets return to the backlog. */
export async function closeTarget(target: Target, graceMs: number, deadline: Deadline): Promise<void> {
  const { backlog } = target;
  for (let fruitless = 0; fruitless < MAX_FRUITLESS;) {
    const { confirmed } = backlog;
    await settleTarget(target, graceMs, deadline);
    const wasUp = target.up;
    if ((await target.finish(deadline.passed)) || !wasUp || deadline.isNear) break;
    fruitless = backlog.confirmed > confirmed ? 0 : fruitless + 1;
    target.reconnect();
  }
  target.stop();
}

/** Sends the spool's backlog; gives up when a target is unreachable for `patienceMs`, or is connected but accepts nothing for `stallMs`. */
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
