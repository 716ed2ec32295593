/** Builds the ladder from the messages of a call and its legs. */
import { cseqMethod, endpointText, isCut, printable, type Message } from '../../base/index.js';
import { headerValue } from '../../sip/index.js';
import type { Leg } from '../legs/leg-finder.js';
import type { CallSummary } from '../summary/call-summary.js';
import { DUPLICATE, FIRST, Repeats } from '../tracking/repeats.js';
import type { Ladder, LadderMark, LadderMessage } from './ladder.js';
import type { Names } from './names.js';
import { inOrder, type Placed } from './order.js';
import { Participants, type LaneBy } from './participants.js';
import { SdpChanges } from './sdp-changes.js';

export interface LadderOptions {
  by: LaneBy;
  names: Names | null;
  /** Every retransmission is a separate row. */
  unfold: boolean;
}

export interface LadderInput {
  messages: readonly Message[];
  calls: readonly CallSummary[];
  legs: readonly Leg[];
  marks?: readonly LadderMark[];
  partial: string;
}

export function buildLadder({ messages, calls, legs, marks = [], partial }: LadderInput, options: LadderOptions): Ladder {
  const placed = inOrder(messages);
  const participants = new Participants(
    placed.map(({ message }) => message),
    options.by,
    options.names,
  );
  const rows = new LadderRows(participants, legs, options.unfold);
  for (const each of placed) rows.add(each);
  rows.note(calls);
  return { calls, legs, participants: participants.list, messages: rows.rows, marks, partial };
}

class LadderRows {
  readonly rows: LadderMessage[] = [];
  /** Every distinct message, with its row. */
  private readonly firsts: LadderMessage[] = [];
  private readonly repeats = new Map<string, Repeats>();
  private readonly sdp = new SdpChanges();
  private readonly legIndex: Map<string, number>;

  constructor(
    private readonly participants: Participants,
    legs: readonly Leg[],
    private readonly unfold: boolean,
  ) {
    this.legIndex = new Map(legs.map(({ callId }, i) => [callId, i]));
  }

  add(placed: Placed): void {
    const { message } = placed;
    const sip = message.sip!;
    const repeats = this.repeats.get(sip.callId) ?? new Repeats(4096);
    this.repeats.set(sip.callId, repeats);
    const repetition = repeats.see(message, sip, this.firsts.length);
    const first = repetition === FIRST ? undefined : this.firsts[repeats.repeated];
    if (first === undefined) {
      this.firsts.push(this.push(placed, null));
      return;
    }
    if (repetition === DUPLICATE) this.addDuplicate(first, message, repeats.completes);
    else {
      first.times++;
      if (this.unfold) this.push(placed, first);
      else first.folded++;
    }
  }

  /** Properties that depend on the whole call. */
  note(calls: readonly CallSummary[]): void {
    for (const { flags, callId } of calls) {
      const answer = this.rows.find(
        ({ message, isReply, what, cseq }) => isReply && message.sip!.callId === callId && /^2/.test(what) && /INVITE/.test(cseq),
      );
      if (answer !== undefined && flags.includes('no-ack')) answer.notes.push('no ACK');
    }
    let last = this.rows[0];
    for (const row of this.rows) {
      row.delta = row.at - last.at;
      last = row;
    }
  }

  private push({ message, early }: Placed, first: LadderMessage | null): LadderMessage {
    const sip = message.sip!;
    const leg = this.legIndex.get(sip.callId) ?? 0;
    const sdp =
      first === null ? this.sdp.read(`${leg} ${sip.kind === 1 ? sip.fromTag : sip.toTag} ${message.sourceAddress}`, message) : null;
    const row: LadderMessage = {
      n: this.rows.length + 1,
      at: message.capturedAt,
      delta: 0,
      from: this.participants.sourceLane(message),
      to: this.participants.destinationLane(message),
      leg,
      isReply: sip.kind === 2,
      what: sip.method,
      label: labelOf(message, first === null ? sdp!.hasSdp : first.label.includes('(sdp)')),
      cseq: sip.cseq,
      transaction: sip.viaBranch,
      retransmissionOf: first?.n ?? 0,
      times: 1,
      folded: 1,
      seenBy: nodeOf(message) === '' ? [] : [nodeOf(message)],
      sdp: sdp?.text ?? '',
      notes: first === null ? notesOf(message, early) : [`again, ${first.times}th time`.replace('2th', '2nd').replace('3th', '3rd')],
      message,
    };
    this.rows.push(row);
    return row;
  }

  private addDuplicate(first: LadderMessage, message: Message, completes: boolean): void {
    const node = nodeOf(message);
    if (node !== '' && !first.seenBy.includes(node)) first.seenBy.push(node);
    else if (node === '' && first.seenBy.length === 0) first.seenBy.push(message.vlan >= 0 ? `VLAN ${message.vlan}` : 'twice');
    if (!completes) return;
    // The complete form replaces the truncated one.
    first.message = message;
    first.notes = first.notes.filter((note) => note !== 'cut');
  }
}

/** For replies, the method of CSeq, except for provisional replies to INVITE. */
function labelOf(message: Message, hasSdp: boolean): string {
  const sip = message.sip!;
  const parts: string[] = [];
  if (sip.kind === 1) parts.push(sip.method);
  else {
    parts.push(`${sip.method} ${sip.replyReason}`.trim());
    const method = cseqMethod(sip);
    if (sip.method >= '200' || method !== 'INVITE') parts.push(`(${method})`);
  }
  if (hasSdp) parts.push('(sdp)');
  if (sip.method === 'NOTIFY' && /^message\/sipfrag/i.test(sip.contentType)) parts.push(`(${firstLine(message)})`);
  if (sip.method === 'REFER') parts.push(`to ${headerValue(sip, 'refer-to').replace(/^.*<|>.*$/g, '')}`);
  return printable(parts.join(' '));
}

function firstLine({ payload, sip }: Message): string {
  return payload
    .toString('utf8', sip!.bodyAt)
    .trim()
    .split(/\r?\n/, 1)[0]
    .replace(/^SIP\/2\.0 /, '');
}

function notesOf(message: Message, early: number): string[] {
  const sip = message.sip!;
  const notes: string[] = [];
  if (early > 0) notes.push(`clock −${Math.ceil(early / 1000)} ms`);
  if (isCut(message, sip)) notes.push('cut');
  if (sip.kind === 2 && sip.method === '491') notes.push('glare');
  if (sip.reason !== '') notes.push(printable(sip.reason));
  return notes;
}

function nodeOf(message: Message): string {
  return message.captureName !== '' ? message.captureName : message.captureId >= 0 ? String(message.captureId) : '';
}

/** Endpoints of a message as text. */
export function endsOf(message: Message): { source: string; destination: string } {
  return {
    source: endpointText(message.sourceAddress, message.sourcePort),
    destination: endpointText(message.destinationAddress, message.destinationPort),
  };
}
