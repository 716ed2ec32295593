/**
 * The identities of the messages in one batch, as the text of its position: stored with the rows, so that a receiver which
 * ended between taking and storing takes a repeat, and one that had stored drops it. Senders are separated by blanks:
 * `sender|stream|number,…`, each number counted on from the end of the last, in base 36: a run of `+n` more, or with the
 * check of its content (`.check`).
 */
import type { Message } from '../../base/index.js';
import { ANY_CONTENT, Hep3Fields, contentCheck, type RepeatWindow } from '../../hep/index.js';

interface Group {
  sender: string;
  stream: bigint;
  /** Sequence and check, in turn. */
  items: number[];
}

const RADIX = 36;
/** Rows of a batch are at most some thousands: more is not remembered across a restart. */
const MAX_TEXT = 262_144;

export class ReceivedIdentities {
  private readonly groups: Group[] = [];
  private readonly fields = new Hep3Fields();

  /** Only of messages whose packet brought their identity. */
  note({ envelope, stream, sequence }: Message): void {
    if (envelope === null || !envelope.isIdentified) return;
    const { peerAddress, bytes } = envelope;
    let group = this.groups.at(-1);
    if (group?.stream !== stream || group.sender !== peerAddress) {
      group = this.groups.find((each) => each.stream === stream && each.sender === peerAddress);
      if (group === undefined) this.groups.push((group = { sender: peerAddress, stream, items: [] }));
    }
    const { items } = group;
    const isNext = items.length > 0 && items[items.length - 2] === sequence - 1;
    items.push(sequence, isNext ? ANY_CONTENT : this.checkOf(bytes));
  }

  get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  /** The text; nothing is noted afterwards. */
  take(): string {
    const text = this.groups.map(textOf).join(' ');
    this.groups.length = 0;
    return text.length > MAX_TEXT ? '' : text;
  }

  private checkOf(bytes: Buffer): number {
    const { fields } = this;
    return fields.walk(bytes, 0, bytes.length) === null ? contentCheck(bytes, fields.payloadFrom, fields.payloadTo) : ANY_CONTENT;
  }
}

function textOf({ sender, stream, items }: Group): string {
  const numbers: string[] = [];
  let end = 0;
  for (let at = 0; at < items.length;) {
    const first = items[at];
    let past = at + 2;
    while (past < items.length && items[past] === items[past - 2] + 1) past += 2;
    const more = (past - at) / 2 - 1;
    numbers.push((first - end).toString(RADIX) + (more > 0 ? `+${more.toString(RADIX)}` : `.${items[at + 1].toString(RADIX)}`));
    end = first + more;
    at = past;
  }
  return `${sender}|${stream.toString(16)}|${numbers.join()}`;
}

/** Enters a text into the window; what is not such a text is ignored. */
export function restoreIdentities(text: string, window: RepeatWindow): void {
  for (const part of text === '' ? [] : text.split(' ')) {
    const [sender, stream = '', numbers = ''] = part.split('|');
    if (!/^[0-9a-f]{1,16}$/.test(stream)) continue;
    let end = 0;
    for (const number of numbers.split(',')) {
      const found = /^(-?[0-9a-z]+)(?:\+([0-9a-z]+)|\.([0-9a-z]+))?$/.exec(number);
      if (found === null) break;
      const first = end + parseInt(found[1], RADIX);
      end = first + parseInt(found[2] ?? '0', RADIX);
      if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end) || first < 1) break;
      const check = found[2] === undefined ? parseInt(found[3] ?? '0', RADIX) : ANY_CONTENT;
      for (let sequence = first; sequence <= end; sequence++) window.take(sender, BigInt(`0x${stream}`), sequence, check);
    }
  }
}
