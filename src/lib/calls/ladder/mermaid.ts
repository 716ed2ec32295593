/** The ladder as a Mermaid sequence diagram, with every character escaped that would end or change a line. */
import { cutTo } from '../../base/index.js';
import type { Ladder, LadderMessage } from './ladder.js';
import { SILENCE_MICROSECONDS, marksBefore } from './ladder.js';
import type { Zone } from '../../base/time/index.js';

/** Renderers refuse more than 50,000 characters. */
const MAX_CHARACTERS = 45_000;
/** Maximum length of a label. */
const MAX_LABEL = 160;
const MAX_NOTE = 400;
const ESCAPES: Readonly<Record<string, string>> = {
  '#': '#35;',
  ';': '#59;',
  '<': '#lt;',
  '>': '#gt;',
  '%': '#37;',
  '{': '#123;',
  '}': '#125;',
};
const BANDS = ['rgb(235, 245, 255)', 'rgb(240, 255, 240)', 'rgb(255, 245, 230)', 'rgb(250, 240, 255)'];

export interface MermaidDiagram {
  text: string;
  /** Messages that did not fit. */
  leftOut: number;
}

/** `footer`: notes below the messages, as far as they fit. */
export function mermaid(ladder: Ladder, times: Zone, footer: readonly string[] = []): MermaidDiagram {
  const head = [
    'sequenceDiagram',
    ...ladder.participants.map(({ label, endpoints }, i) => `  participant p${i} as ${participantText(label, endpoints)}`),
  ];
  const lines: string[] = [];
  const last = ladder.participants.length - 1;
  const over = last > 0 ? `p0,p${last}` : 'p0';
  let length = head.join('\n').length;
  let band = -1;
  let shown = 0;
  for (const message of ladder.messages) {
    const added: string[] = [];
    if (message.delta >= SILENCE_MICROSECONDS) added.push(`  Note over ${over}: ${(message.delta / 1e6).toFixed(1)} s`);
    for (const { at, text } of marksBefore(ladder, message))
      added.push(`  Note over ${over}: ${escaped(`${times.text(at).slice(11, 23)} ${text}`)}`);
    if (ladder.legs.length > 1 && message.leg !== band) {
      if (band >= 0) added.push('  end');
      band = message.leg;
      added.push(`  rect ${BANDS[band % BANDS.length]}`);
    }
    added.push(`  p${message.from}${arrow(message)}p${message.to}: ${labelText(message, times)}`);
    if (message.sdp !== '') added.push(`  Note over ${pair(message)}: ${escaped(message.sdp)}`);
    const size = added.join('\n').length + 1;
    if (length + size > MAX_CHARACTERS) break;
    length += size;
    lines.push(...added);
    shown++;
  }
  const leftOut = ladder.messages.length - shown;
  if (band >= 0) lines.push('  end');
  for (const line of footer) {
    const added = `  Note over ${over}: ${escaped(line, MAX_NOTE)}`;
    length += added.length + 1;
    if (length <= MAX_CHARACTERS) lines.push(added);
  }
  if (leftOut > 0) lines.push(`  Note over ${over}: ${leftOut} more messages are not shown`);
  return { text: `${[...head, ...lines].join('\n')}\n`, leftOut };
}

function arrow({ isReply, retransmissionOf, notes }: LadderMessage): string {
  if (retransmissionOf > 0) return '-)';
  if (notes.includes('no ACK')) return '--x';
  return isReply ? '-->>' : '->>';
}

function pair({ from, to }: LadderMessage): string {
  return from === to ? `p${from}` : `p${Math.min(from, to)},p${Math.max(from, to)}`;
}

function participantText(label: string, endpoints: readonly string[]): string {
  const [first] = endpoints;
  return label === first || first.startsWith(`${label}:`) || first.startsWith(`[${label}]:`)
    ? escaped(first)
    : `${escaped(label)}<br/>${escaped(first)}`;
}

function labelText({ n, label, folded, at, notes, seenBy }: LadderMessage, times: Zone): string {
  const extras = [
    ...(folded > 1 ? [`×${folded}`] : []),
    ...notes.map((note) => `(${note})`),
    ...(seenBy.length > 1 ? [`(seen by ${seenBy.join(', ')})`] : []),
  ];
  return escaped([`${n}.`, times.text(at).slice(11, 23), label, ...extras].join(' '));
}

/** A semicolon ends a statement, # begins an entity, < and > are HTML in labels, %%{ begins a directive, @{ settings. */
export function escaped(text: string, maxLength = MAX_LABEL): string {
  const cut = cutTo(text, maxLength);
  return (
    cut
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, ' ')
      .replace(/[#;<>%{}]/g, (character) => ESCAPES[character])
  );
}
