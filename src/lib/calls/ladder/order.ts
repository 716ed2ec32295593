/** Messages in causal order: a reply that another node's clock places shortly before its request follows it. */
import { cseqMethod, type Message } from '../../base/index.js';
import { hashText, transactionHash } from '../tracking/texts.js';

const CLOCK_DIFFERENCE = 500_000;

export interface Placed {
  message: Message;
  /** Microseconds by which it appears too early, 0 if its time is plausible. */
  early: number;
}

export function inOrder(messages: readonly Message[]): Placed[] {
  const sorted = messages.map((message, i) => ({ message, i })).sort((a, b) => a.message.capturedAt - b.message.capturedAt || a.i - b.i);
  const requests = new Map<number, Message>();
  for (const { message } of sorted) if (message.sip!.kind === 1) remember(requests, message);
  const waiting = new Map<Message, Placed[]>();
  const placed: Placed[] = [];
  const seen = new Set<Message>();
  for (const { message } of sorted) {
    const request = message.sip!.kind === 2 ? requests.get(keyOf(message)) : undefined;
    const early = request === undefined || seen.has(request) ? 0 : request.capturedAt - message.capturedAt;
    if (request !== undefined && early > 0 && early <= CLOCK_DIFFERENCE && isOtherNode(request, message)) {
      const behind = waiting.get(request) ?? [];
      behind.push({ message, early });
      waiting.set(request, behind);
      continue;
    }
    seen.add(message);
    placed.push({ message, early: 0 }, ...(waiting.get(message) ?? []));
  }
  return placed;
}

/** The first of its transmissions. */
function remember(requests: Map<number, Message>, message: Message): void {
  const key = keyOf(message);
  if (!requests.has(key)) requests.set(key, message);
}

/** Transaction and hop, independent of the direction. */
function keyOf(message: Message): number {
  const sip = message.sip!;
  const [client, server] =
    sip.kind === 1 ? [message.sourceAddress, message.destinationAddress] : [message.destinationAddress, message.sourceAddress];
  return hashText(`${client} ${server} ${cseqMethod(sip)} ${sip.callId}`, transactionHash(sip));
}

function isOtherNode(a: Message, b: Message): boolean {
  return a.captureId !== b.captureId || a.captureName !== b.captureName;
}
