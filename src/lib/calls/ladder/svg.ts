/** The ladder as one SVG file: no script, no embedded font, text as text, colours for light and dark backgrounds. */
import { columnsOf, cutTo } from '../../base/index.js';
import type { Zone } from '../../base/time/index.js';
import {
  SILENCE_MICROSECONDS,
  labelMarks,
  labelWithMarks,
  marksBefore,
  type Ladder,
  type LadderMark,
  type LadderMessage,
} from './ladder.js';
import { markup } from './markup.js';
import { legLetter } from './text-ladder.js';

const ROW = 28;
const LANE = 190;
const LEFT = 200;
const TOP = 56;
const MARGIN = 20;
/** Characters of a label, 7 px each. */
const CHARACTER = 7;
export const MAX_SVG_MESSAGES = 2000;

const STYLE = `
  svg { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px; background: #fff; }
  text { fill: #1b1f24; }
  .dim { fill: #57606a; } .bad { fill: #b3261e; }
  .lane { stroke: #8c959f; stroke-dasharray: 4 4; }
  .box { fill: #f6f8fa; stroke: #8c959f; }
  .back { fill: #fff; fill-opacity: .9; }
  .request { stroke: #0550ae; } .provisional { stroke: #6e5494; } .success { stroke: #116329; } .failure { stroke: #b3261e; }
  .arrow { stroke-width: 1.6; fill: none; } .reply { stroke-dasharray: 6 3; }
  .arrow.request { marker-end: url(#request); } .arrow.provisional { marker-end: url(#provisional); }
  .arrow.success { marker-end: url(#success); } .arrow.failure { marker-end: url(#failure); }
  marker path { stroke: none; } .request-head { fill: #0550ae; } .provisional-head { fill: #6e5494; }
  .success-head { fill: #116329; } .failure-head { fill: #b3261e; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #e6edf3; } .dim { fill: #9198a1; } .bad { fill: #ff7b72; } .lane, .box { stroke: #6e7681; }
    .box { fill: #161b22; } .back { fill: #0d1117; }
    .request { stroke: #79c0ff; } .provisional { stroke: #d2a8ff; } .success { stroke: #7ee787; } .failure { stroke: #ff7b72; }
    .request-head { fill: #79c0ff; } .provisional-head { fill: #d2a8ff; } .success-head { fill: #7ee787; } .failure-head { fill: #ff7b72; }
  }`;

/** What is drawn below the messages. */
export interface SvgFooter {
  height: number;
  /** Markup that begins at `y`, no wider than the ladder. */
  draw(y: number, width: number): string;
}

export function ladderSvg(ladder: Ladder, title: string, times: Zone, footer: SvgFooter | null = null): string {
  const width = LEFT + LANE * ladder.participants.length + MARGIN;
  const rows: string[] = [];
  let y = TOP + ROW;
  const mark = ({ at, text }: LadderMark) => {
    rows.push(`<text class="dim" x="8" y="${y + 4}">${markup(times.text(at).slice(11, 23))}</text>`);
    rows.push(centred(LEFT + (width - LEFT) / 2, y + 4, `··· ${text} ···`, 'bad'));
    y += ROW;
  };
  for (const message of ladder.messages) {
    if (message.delta >= SILENCE_MICROSECONDS) {
      rows.push(centred(LEFT + (width - LEFT) / 2, y + 4, `··· ${(message.delta / 1e6).toFixed(1)} s ···`, 'dim'));
      y += ROW;
    }
    marksBefore(ladder, message).forEach(mark);
    rows.push(messageGroup(message, y, ladder, times));
    y += ROW;
    if (message.sdp === '' && message.notes.length === 0) continue;
    rows.push(centredIn(message, y, [message.sdp, ...message.notes].filter((text) => text !== '').join('; ')));
    y += ROW;
  }
  marksBefore(ladder, null).forEach(mark);
  const lanesEnd = y + MARGIN;
  const height = lanesEnd + (footer?.height ?? 0);
  const markers = ['request', 'provisional', 'success', 'failure'].map(
    (name) =>
      `<marker id="${name}" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="${name}-head" d="M0 0L10 5L0 10z"/></marker>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${markup(title)}</title>`,
    `<desc id="desc">${ladder.messages.length} SIP messages between ${markup(ladder.participants.map(({ label }) => label).join(', '))}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>${markers.join('')}</defs>`,
    ...ladder.participants.map((participant, i) => laneOf(participant.label, i, lanesEnd)),
    ...rows,
    ...(footer === null ? [] : [footer.draw(lanesEnd, width)]),
    '</svg>',
    '',
  ].join('\n');
}

export function laneX(lane: number): number {
  return LEFT + lane * LANE + LANE / 2;
}

export function kindOf({ isReply, what }: LadderMessage): 'request' | 'provisional' | 'success' | 'failure' {
  if (!isReply) return 'request';
  return what < '200' ? 'provisional' : what < '300' ? 'success' : 'failure';
}

function laneOf(label: string, lane: number, height: number): string {
  const x = laneX(lane);
  const fitted = cutTo(label, 24);
  return [
    `<line class="lane" x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height - MARGIN / 2}"/>`,
    `<rect class="box" x="${x - LANE / 2 + 6}" y="12" width="${LANE - 12}" height="34" rx="4"/>`,
    centred(x, 33, fitted, ''),
  ].join('');
}

function messageGroup(message: LadderMessage, y: number, ladder: Ladder, times: Zone): string {
  const letter = ladder.legs.length > 1 ? `${legLetter(message.leg)} ` : '';
  const delta = message.n === 1 ? '' : ` +${(message.delta / 1e6).toFixed(3)}`;
  const parts = [
    `<g id="m${message.n}" data-callid="${markup(ladder.legs[message.leg]?.callId ?? '')}">`,
    `<text class="dim" x="8" y="${y + 4}">${markup(`${letter}${times.text(message.at).slice(11, 23)}${delta}`)}</text>`,
    arrowOf(message, y),
    labelOf(message, y),
    '</g>',
  ];
  return parts.join('');
}

export function arrowOf(message: LadderMessage, y: number): string {
  const classes = `arrow ${kindOf(message)}${message.isReply ? ' reply' : ''}`;
  const [from, to] = [laneX(message.from), laneX(message.to)];
  if (from === to) return `<path class="${classes}" d="M${from} ${y - 5}h28v10h-28"/>`;
  return `<line class="${classes}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>`;
}

export function labelOf(message: LadderMessage, y: number): string {
  const { label } = message;
  const marks = `${message.retransmissionOf > 0 ? ' (again)' : ''}${labelMarks(message)}`;
  const [from, to] = [laneX(message.from), laneX(message.to)];
  if (from === to) return `<text x="${from + 34}" y="${y + 4}">${markup(label + marks)}</text>`;
  const room = Math.max(8, Math.floor((Math.abs(to - from) - 24) / CHARACTER));
  const fitted = labelWithMarks(label, marks, room);
  const x = (from + to) / 2;
  const width = columnsOf(fitted) * CHARACTER + 8;
  return `<rect class="back" x="${x - width / 2}" y="${y - 9}" width="${width}" height="18"/>${centred(x, y + 4, fitted, '')}`;
}

function centredIn({ from, to }: LadderMessage, y: number, text: string): string {
  const x = Math.min(laneX(from), laneX(to)) + 10;
  return `<text class="dim" x="${x}" y="${y - 6}">${markup(text)}</text>`;
}

function centred(x: number, y: number, text: string, name: string): string {
  return `<text${name === '' ? '' : ` class="${name}"`} x="${x}" y="${y}" text-anchor="middle">${markup(text)}</text>`;
}
