/**
 * An object as one line of JSON in UTF-8, one character a byte, written member by member: several times as fast as building the
 * object first.
 */
import { safeJson, utf8Text } from '../../base/index.js';

/** Text that needs no escapes, in JSON or on a terminal. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A name that many lines have, as it begins its member. */
export interface MemberName {
  readonly name: string;
  /** `,"name":` */
  readonly start: string;
  /** `,"name":"` */
  readonly textStart: string;
  /** `,"name":""` */
  readonly empty: string;
}

/** `name` needs no escapes. */
export function memberName(name: string): MemberName {
  return { name, start: `,"${name}":`, textStart: `,"${name}":"`, empty: `,"${name}":""` };
}

/** A text as a value. */
export function quoted(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : utf8Text(safeJson(value));
}

/** A number as a value. */
export function digits(value: number): string {
  return Number.isFinite(value) ? `${value}` : 'null';
}

export class JsonLine {
  private line = '';

  /** The first members, as they are written. */
  begin(members: string): void {
    this.line = `{${members}`;
  }

  text(name: string, value: string): void {
    this.add(name, quoted(value));
  }

  /** ASCII without DEL: only characters that JSON.stringify handles. */
  ascii(name: string, value: string): void {
    this.add(name, JSON.stringify(value));
  }

  number(name: string, value: number): void {
    this.add(name, digits(value));
  }

  /** Any other value. */
  member(name: string, value: unknown): void {
    if (typeof value === 'string') this.text(name, value);
    else if (typeof value === 'number') this.number(name, value);
    else this.add(name, utf8Text(safeJson(value)));
  }

  /** As `member`, but not the first of its line. */
  next(member: MemberName, value: unknown): void {
    if (value === '') this.line += member.empty;
    else if (typeof value === 'string' && PLAIN.test(value)) this.line += `${member.textStart}${value}"`;
    else if (typeof value === 'number') this.line += member.start + digits(value);
    else this.member(member.name, value);
  }

  /** The whole object; the next member begins a new one. */
  end(): string {
    const { line } = this;
    this.line = '';
    return line === '' ? '{}' : `${line}}`;
  }

  /** `name` needs no escapes. */
  private add(name: string, json: string): void {
    this.line += this.line === '' ? `{"${name}":${json}` : `,"${name}":${json}`;
  }
}
