/** What a stream that has ended owes to the others of its call: those that still go on, and those removed before it. */
import { COLLISION_MICROSECONDS, goesOn } from './call-streams.js';
import type { RtpStream } from './rtp-stream.js';
import type { StreamReport } from './stream-report.js';

/** What removed streams were to one that goes on. */
const HAD_REVERSE = 1;
const FOLLOWED = 2;
const COLLIDED = 4;

/** Adds to its report that its SSRC is new or another's as well, and that nothing came the other way. */
export function noteSiblings(report: StreamReport, stream: RtpStream, siblings: readonly RtpStream[]): void {
  const others = siblings.filter((each) => each !== stream);
  if ((stream.removed & FOLLOWED) !== 0 || others.some((each) => follows(stream, each))) report.notes.push('ssrc-change');
  if ((stream.removed & COLLIDED) !== 0 || others.some((each) => collides(stream, each))) report.notes.push('ssrc-collision');
  const answeredAt = stream.media?.answeredAt ?? 0;
  const isAlone = (stream.removed & HAD_REVERSE) === 0 && !others.some((each) => isReverse(stream, each));
  if (answeredAt > 0 && isAlone && goesOn(report, answeredAt)) report.notes.push('one-way');
}

/** Keeps for a sibling that goes on what it has to know of one that is removed. */
export function noteRemoval(removed: RtpStream, left: RtpStream): void {
  if (isReverse(removed, left)) left.removed |= HAD_REVERSE;
  if (follows(left, removed)) left.removed |= FOLLOWED;
  if (collides(left, removed)) left.removed |= COLLIDED;
}

/** Between the same hosts, the other way: ports differ behind NAT. */
function isReverse(a: RtpStream, b: RtpStream): boolean {
  return a.sourceAddress === b.destinationAddress && a.destinationAddress === b.sourceAddress;
}

function follows(later: RtpStream, earlier: RtpStream): boolean {
  return later.startedAt > earlier.startedAt && isSamePath(later, earlier) && later.ssrc !== earlier.ssrc;
}

function isSamePath(a: RtpStream, b: RtpStream): boolean {
  return (
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.sourceAddress === b.sourceAddress &&
    a.destinationAddress === b.destinationAddress
  );
}

/** Two senders to one receiver at the same time. */
function collides(a: RtpStream, b: RtpStream): boolean {
  const isSameTarget = a.destinationPort === b.destinationPort && a.destinationAddress === b.destinationAddress;
  if (a.ssrc !== b.ssrc || !isSameTarget || isSamePath(a, b)) return false;
  return Math.min(a.lastAt, b.lastAt) - Math.max(a.startedAt, b.startedAt) > COLLISION_MICROSECONDS;
}
