/** Waiting for a target's backlog at the end of work. Ends are rare, so the books are simply looked at now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './target.js';

const LOOK_EVERY_MS = 10;

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

/** Until all is sent; or what memory holds is sent or spooled; or the target is away, or does not move, for that long. */
export async function settleTarget(target: Target, graceMs: number): Promise<void> {
  const { backlog } = target;
  let idleMs = 0;
  let last = -1;
  while (backlog.waiting > 0 && idleMs < graceMs) {
    if (!target.up && backlog.queued === 0 && target.lastError !== '') return; // the spool has it
    await sleep(LOOK_EVERY_MS);
    idleMs = last === backlog.transmitted ? idleMs + LOOK_EVERY_MS : 0;
    last = backlog.transmitted;
  }
}

export async function drainTarget(target: Target, patienceMs: number): Promise<DrainResult> {
  const { backlog } = target;
  const sentBefore = backlog.sent;
  if (backlog.waiting > 0) target.start();
  while (backlog.waiting > 0 && target.awayMs() < patienceMs) {
    await sleep(LOOK_EVERY_MS);
    if (backlog.waiting > 0) continue;
    if (!(await target.finish())) target.reconnect();
  }
  return {
    target: target.name,
    sent: backlog.sent - sentBefore,
    backlog: backlog.waiting,
    lost: backlog.lost().total(),
    lastError: backlog.waiting > 0 ? target.lastError : '',
  };
}
