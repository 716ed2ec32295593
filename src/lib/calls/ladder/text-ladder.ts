/** The ladder as text: a lane for each participant, or a list if the terminal is too narrow for lanes. */
import { columnsOf, cutTo, printable } from '../../base/index.js';
import type { Zone } from '../../base/time/index.js';
import { endsOf } from './build-ladder.js';
import {
  SILENCE_MICROSECONDS,
  labelMarks,
  labelWithMarks,
  marksBefore,
  type Ladder,
  type LadderMark,
  type LadderMessage,
} from './ladder.js';
import { ASCII, Canvas, UNICODE, asciiText, type LineStyle } from './text-canvas.js';

export interface TextPaint {
  dim(text: string): string;
  request(text: string): string;
  success(text: string): string;
  failure(text: string): string;
  plain(text: string): string;
}

export interface TextLadderOptions {
  /** Columns of the terminal. */
  width: number;
  ascii: boolean;
  paint: TextPaint;
  times: Zone;
  /** Whole messages below their lines. */
  verbose: boolean;
}

const TIME_COLUMNS = 12;
const DELTA_COLUMNS = 9;
/** With fewer columns per lane a list is printed. */
const MIN_LANE = 16;
const MAX_LANE = 40;
const NOTE_COLUMNS = 24;
const HEADER_EVERY = 40;
const SLOW_MICROSECONDS = 1e6;

export function ladderText(ladder: Ladder, options: TextLadderOptions): string {
  const drawing = new Drawing(options.ascii ? inAscii(ladder) : ladder, options);
  const text = drawing.lines().join('\n');
  return `${options.ascii ? asciiText(text) : text}\n`;
}

/** What is drawn, before it is measured. */
function inAscii(ladder: Ladder): Ladder {
  return {
    ...ladder,
    participants: ladder.participants.map((each) => ({ ...each, label: asciiText(each.label) })),
    messages: ladder.messages.map((each) => ({ ...each, label: asciiText(each.label), sdp: asciiText(each.sdp) })),
    marks: ladder.marks.map((each) => ({ ...each, text: asciiText(each.text) })),
  };
}

class Drawing {
  private readonly style: LineStyle;
  private readonly start: number;
  private readonly lane: number;
  private readonly isList: boolean;
  private readonly hasLegs: boolean;

  constructor(
    private readonly ladder: Ladder,
    private readonly options: TextLadderOptions,
  ) {
    this.style = options.ascii ? ASCII : UNICODE;
    this.hasLegs = ladder.legs.length > 1;
    this.start = TIME_COLUMNS + DELTA_COLUMNS + (this.hasLegs ? 4 : 2);
    const lanes = Math.max(1, ladder.participants.length);
    const hasNotes = ladder.messages.some((message) => noteText(message, this.style) !== '');
    const room = options.width - this.start;
    const withNotes = Math.floor((room - (hasNotes ? NOTE_COLUMNS : 0)) / lanes);
    const lane = withNotes >= MIN_LANE ? withNotes : Math.floor(room / lanes);
    this.isList = lane < MIN_LANE;
    this.lane = Math.min(MAX_LANE, lane);
  }

  lines(): string[] {
    const { messages } = this.ladder;
    const lines: string[] = [];
    let sinceHeader = HEADER_EVERY;
    for (const message of messages) {
      if (message.delta >= SILENCE_MICROSECONDS) lines.push(this.silence(message.delta));
      for (const mark of marksBefore(this.ladder, message)) lines.push(this.mark(mark));
      if (sinceHeader >= HEADER_EVERY && !this.isList) {
        lines.push(...this.header());
        sinceHeader = 0;
      }
      lines.push(...(this.isList ? this.listLine(message) : this.arrow(message)));
      sinceHeader++;
      if (this.options.verbose) lines.push(...wholeMessage(message));
    }
    for (const mark of marksBefore(this.ladder, null)) lines.push(this.mark(mark));
    return lines;
  }

  private header(): string[] {
    const canvas = this.canvas();
    this.ladder.participants.forEach(({ label }, i) =>
      canvas.centre(this.edge(i) + 1, this.edge(i + 1), printable(label), this.style.ellipsis),
    );
    return [this.blank() + canvas.toString(), this.blank() + this.lanes().toString()];
  }

  private arrow(message: LadderMessage): string[] {
    const { from, to, sdp } = message;
    const canvas = this.lanes();
    const lines: string[] = [];
    if (from === to) {
      const [out, back] = this.style.hook;
      const at = this.centre(from);
      canvas.put(at, this.labelText(`${out} ${message.label}`, message, canvas.width - at));
      const second = this.lanes();
      second.put(this.centre(from), back);
      lines.push(this.prefix(message) + this.body(canvas, message), this.blank() + this.paintLine(second.toString(), message));
    } else {
      this.drawArrow(canvas, message);
      lines.push(this.prefix(message) + this.body(canvas, message));
    }
    if (sdp !== '') lines.push(this.blank() + this.options.paint.dim(this.sdpLine(message)));
    return lines;
  }

  private drawArrow(canvas: Canvas, message: LadderMessage): void {
    const { style } = this;
    const [low, high] = [Math.min(message.from, message.to), Math.max(message.from, message.to)];
    const [first, last] = [this.centre(low), this.centre(high)];
    canvas.put(first + 1, style.line.repeat(last - first - 1));
    for (let lane = low + 1; lane < high; lane++) canvas.put(this.centre(lane), style.crossing);
    const isRight = message.to > message.from;
    const head = (isRight ? style.right : style.left).repeat(message.retransmissionOf > 0 ? 2 : 1);
    canvas.put(isRight ? last - head.length : first + 1, head);
    const room = last - first - 5;
    const text = this.labelText(` ${message.label}`, message, room);
    canvas.centre(first + 3, last - 2, columnsOf(text) < room ? `${text} ` : text, style.ellipsis);
  }

  private labelText(label: string, message: LadderMessage, room: number): string {
    const { again, second, ellipsis } = this.style;
    return labelWithMarks(label, labelMarks(message, again, second), room, ellipsis);
  }

  /** From its left lane, overwriting what is there. */
  private sdpLine({ from, to, sdp }: LadderMessage): string {
    const canvas = this.lanes();
    const at = this.centre(Math.min(from, to)) + 2;
    const room = Math.max(20, this.options.width - this.start - at);
    canvas.put(at, cutTo(printable(sdp), room, this.style.ellipsis));
    return canvas.toString();
  }

  private listLine(message: LadderMessage): string[] {
    const { source, destination } = endsOf(message.message);
    const { line, right } = this.style;
    const label = `${line}${line}${this.labelText(message.label, message, Infinity)}${line}${line}${right}`;
    const names = [this.ladder.participants[message.from].label, this.ladder.participants[message.to].label];
    const [from, to] = names[0] === names[1] ? [source, destination] : names;
    const note = noteText(message, this.style);
    const text = `${this.prefix(message)}${printable(from)}  ${this.paintLine(label, message)} ${printable(to)}${note === '' ? '' : `  ${this.options.paint.plain(note)}`}`;
    return message.sdp === '' ? [text] : [text, `${' '.repeat(TIME_COLUMNS + 1)}${this.options.paint.dim(printable(message.sdp))}`];
  }

  private mark({ at, text }: LadderMark): string {
    const time = this.options.times.text(at).slice(11, 23);
    const words = `${this.style.silence} ${printable(text)} ${this.style.silence}`;
    if (this.isList) return `${time}  ${this.options.paint.failure(words)}`;
    const canvas = this.lanes();
    canvas.centre(1, this.lane * this.ladder.participants.length - 1, ` ${words} `, this.style.ellipsis);
    return `${time.padEnd(this.start)}${this.options.paint.failure(canvas.toString())}`;
  }

  private silence(delta: number): string {
    const { silence } = this.style;
    const text = `${silence} ${(delta / 1e6).toFixed(1)} s ${silence}`;
    if (this.isList) return this.options.paint.dim(`${' '.repeat(TIME_COLUMNS)} ${text}`);
    const canvas = this.lanes();
    canvas.centre(1, this.lane * this.ladder.participants.length - 1, ` ${text} `, this.style.ellipsis);
    return this.blank() + this.options.paint.dim(canvas.toString());
  }

  private prefix({ at, delta, n, leg }: LadderMessage): string {
    const { paint, times } = this.options;
    const time = times.text(at).slice(11, 23);
    const text = n === 1 ? '' : `${delta < 0 ? '-' : '+'}${(Math.abs(delta) / 1e6).toFixed(3)}`;
    const painted = Math.abs(delta) >= SLOW_MICROSECONDS ? paint.request(text) : paint.dim(text);
    const letter = this.hasLegs ? `${legLetter(leg)} ` : '';
    return `${time} ${painted}${' '.repeat(Math.max(1, DELTA_COLUMNS - text.length))}${letter} `;
  }

  private body(canvas: Canvas, message: LadderMessage): string {
    const note = noteText(message, this.style);
    const line = canvas.toString();
    const painted = this.paintLine(line, message);
    if (note === '') return painted;
    const gap = Math.max(2, this.lane * this.ladder.participants.length - columnsOf(line) + 1);
    return `${painted}${' '.repeat(gap)}${this.options.paint.plain(note)}`;
  }

  private paintLine(line: string, { isReply, what }: LadderMessage): string {
    const { paint } = this.options;
    if (!isReply) return paint.request(line);
    return what < '200' ? paint.plain(line) : what < '300' ? paint.success(line) : paint.failure(line);
  }

  private lanes(): Canvas {
    const canvas = this.canvas();
    for (let i = 0; i < this.ladder.participants.length; i++) canvas.put(this.centre(i), this.style.lane);
    return canvas;
  }

  private canvas(): Canvas {
    return new Canvas(Math.max(this.lane * this.ladder.participants.length, this.options.width - this.start));
  }

  private blank(): string {
    return ' '.repeat(this.start);
  }

  private edge(lane: number): number {
    return lane * this.lane;
  }

  private centre(lane: number): number {
    return lane * this.lane + (this.lane >> 1);
  }
}

export function legLetter(leg: number): string {
  return leg < 26 ? String.fromCharCode(65 + leg) : String(leg + 1);
}

function noteText({ notes, seenBy }: LadderMessage, style: LineStyle): string {
  const seen = seenBy.length > 1 ? [`${style.second} seen by ${printable(seenBy.join(', '))}`] : [];
  return [...notes, ...seen].join('; ');
}

function wholeMessage({ message }: LadderMessage): string[] {
  const text = message.payload.toString('utf8').trimEnd();
  return ['', ...text.split(/\r?\n/).map((line) => `    ${line.split('\t').map(printable).join('  ')}`), ''];
}
