/** The ladder as one self-contained page: it opens and searches messages, and also works without its script. */
import { columnsOf } from '../../base/index.js';
import type { Zone } from '../../base/time/index.js';
import type { CallSummary } from '../summary/call-summary.js';
import { contentSecurityPolicy, PAGE_SCRIPT, PAGE_STYLE } from './html-page.js';
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
import { kindOf } from './svg.js';
import { legLetter } from './text-ladder.js';

const LEFT = 210;
const LANE = 190;
const ROW = 30;
const CHARACTER = 7.3;

/** `charts` is separate markup. */
export function ladderHtml(ladder: Ladder, title: string, times: Zone, quality: string, charts = ''): string {
  const lanes = ladder.participants.length;
  const width = LEFT + LANE * lanes;
  return `<!DOCTYPE html>
<html lang="en" style="--left: ${LEFT}px; --lane: ${LANE}px; --width: ${width}px">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="sipcap">
<title>${markup(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header class="page">
<h1>${markup(title)}</h1>
${callTable(ladder)}
${ladder.partial === '' ? '' : `<p class="failure-text">${markup(ladder.partial)}</p>`}
<input class="search" type="search" placeholder="search in the messages" aria-label="search in the messages" hidden> <span class="count dim" aria-live="polite"></span>
<p class="dim keys">/ search · ↑ ↓ or j k move · Enter opens a message · Esc closes all · times in ${markup(times.label)}</p>
</header>
<main>
<div class="lanes"><span class="when">time         delta</span>${ladder.participants.map(({ label, endpoints }) => `<span class="name" title="${markup(endpoints.join(' '))}">${markup(label)}</span>`).join('')}</div>
${ladder.messages.map((message) => rowOf(message, ladder, times)).join('\n')}
${marksBefore(ladder, null)
  .map((mark) => markRow(mark, ladder, times))
  .join('\n')}
</main>
${quality === '' ? '' : `<footer><h1>Quality</h1>${charts}<pre class="quality">${markup(quality)}</pre></footer>`}
<script type="application/json" id="texts">${jsonInScript(ladder.messages.map(searchText))}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** Cannot contain `</script>` or the start of a comment. */
function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function searchText({ message, label, notes }: LadderMessage): string {
  return `${label} ${notes.join(' ')}\n${message.payload.toString('utf8')}`;
}

function callTable({ calls, legs }: Ladder): string {
  const row = (call: CallSummary) => {
    const at = legs.findIndex(({ callId }) => callId === call.callId);
    const leg = legs[at];
    const why = leg === undefined || leg.why === '' ? '' : `${leg.guess ? 'guess: ' : `${leg.why}: `}${leg.value}`;
    const cells = [
      ...(legs.length > 1 ? [legLetter(Math.max(0, at))] : []),
      call.callId,
      `${call.fromUser || call.fromDomain} → ${call.toUser || call.toDomain}`,
      `${call.state}${call.status === 0 ? '' : `, ${call.status} ${call.reason}`}`,
      call.talkingMs === null ? '' : `${(call.talkingMs / 1000).toFixed(1)} s`,
      call.flags.join(' '),
      why,
    ];
    return `<tr>${cells.map((cell) => `<td>${markup(cell)}</td>`).join('')}</tr>`;
  };
  const heads = [
    ...(legs.length > 1 ? ['leg'] : []),
    'Call-ID',
    'parties',
    'state',
    'talking',
    'flags',
    legs.length > 1 ? 'joined by' : '',
  ];
  return `<div class="scroll"><table class="calls"><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${calls.map(row).join('')}</table></div>`;
}

function rowOf(message: LadderMessage, ladder: Ladder, times: Zone): string {
  const parts: string[] = [];
  if (message.delta >= SILENCE_MICROSECONDS)
    parts.push(between(ladder, '', `··· ${(message.delta / 1e6).toFixed(1)} s ···`, (LANE * ladder.participants.length) / 2, 'middle'));
  parts.push(...marksBefore(ladder, message).map((mark) => markRow(mark, ladder, times)));
  const letter = ladder.legs.length > 1 ? `${legLetter(message.leg)} ` : '';
  const delta = message.n === 1 ? '' : `+${(message.delta / 1e6).toFixed(3)}`;
  const when = `${letter}${times.text(message.at).slice(11, 23)} ${delta}`;
  parts.push(
    `<details class="row" id="m${message.n}"><summary aria-label="${markup(ariaText(message, ladder))}"><span class="when">${markup(when)}</span>${drawing(message, ladder.participants.length)}</summary><pre>${markup(message.message.payload.toString('utf8'))}</pre></details>`,
  );
  const below = [message.sdp, ...message.notes, ...(message.seenBy.length > 1 ? [`seen by ${message.seenBy.join(', ')}`] : [])].filter(
    (text) => text !== '',
  );
  const beside = LANE * Math.min(message.from, message.to) + LANE / 2 + 10;
  if (below.length > 0) parts.push(between(ladder, ` data-of="m${message.n}"`, below.join('; '), beside, 'start'));
  return parts.join('\n');
}

function markRow({ at, text }: LadderMark, ladder: Ladder, times: Zone): string {
  const middle = (LANE * ladder.participants.length) / 2;
  return between(ladder, '', `··· ${text} ···`, middle, 'middle', times.text(at).slice(11, 23));
}

/** A row that is not a message: text across the lanes. */
function between({ participants }: Ladder, attributes: string, text: string, x: number, anchor: 'start' | 'middle', when = ''): string {
  const lanes = participants.length;
  const width = columnsOf(text) * CHARACTER + 8;
  const left = anchor === 'start' ? x - 4 : x - width / 2;
  const words = `<rect class="back" x="${left}" y="1" width="${width}" height="18"/><text class="dim" x="${x}" y="14" text-anchor="${anchor}">${markup(text)}</text>`;
  return `<div class="row note"${attributes}><span class="when">${markup(when)}</span><svg width="${lanes * LANE}" height="22">${laneLines(lanes, 22)}${words}</svg></div>`;
}

function laneLines(lanes: number, height: number): string {
  const x = (lane: number) => lane * LANE + LANE / 2;
  return Array.from({ length: lanes }, (_, lane) => `<line class="lane" x1="${x(lane)}" y1="0" x2="${x(lane)}" y2="${height}"/>`).join('');
}

function ariaText({ label, from, to }: LadderMessage, { participants }: Ladder): string {
  return `${label} from ${participants[from].label} to ${participants[to].label}`;
}

function drawing(message: LadderMessage, lanes: number): string {
  const x = (lane: number) => lane * LANE + LANE / 2;
  const y = ROW / 2;
  const kind = kindOf(message);
  const classes = `arrow ${kind}${message.isReply ? ' reply' : ''}`;
  const [from, to] = [x(message.from), x(message.to)];
  const lines = [laneLines(lanes, ROW)];
  const { label } = message;
  const marks = labelMarks(message);
  if (from === to)
    lines.push(
      `<path class="${classes}" d="M${from} ${y - 6}h26v12h-18"/>${head(kind, from + 1, y + 6, -1)}<text x="${from + 34}" y="${y + 4}">${markup(label + marks)}</text>`,
    );
  else {
    const direction = to > from ? 1 : -1;
    const room = Math.max(8, Math.floor((Math.abs(to - from) - 30) / CHARACTER));
    const fitted = labelWithMarks(label, marks, room);
    const width = columnsOf(fitted) * CHARACTER + 8;
    const middle = (from + to) / 2;
    lines.push(
      `<line class="${classes}" x1="${from}" y1="${y}" x2="${to - 8 * direction}" y2="${y}"/>${head(kind, to - direction, y, direction)}`,
      `<rect class="back" x="${middle - width / 2}" y="${y - 9}" width="${width}" height="18"/><text x="${middle}" y="${y + 4}" text-anchor="middle">${markup(fitted)}</text>`,
    );
  }
  return `<svg width="${lanes * LANE}" height="${ROW}" aria-hidden="true">${lines.join('')}</svg>`;
}

function head(kind: string, x: number, y: number, direction: number): string {
  const back = x - 9 * direction;
  return `<path class="head ${kind}" d="M${x} ${y}L${back} ${y - 5}L${back} ${y + 5}z"/>`;
}
