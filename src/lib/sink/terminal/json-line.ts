/**
 * An object as one line of JSON in UTF-8, one character a byte, written member by member: several times as fast as building the
 * object first.
 */
import { safeJson, utf8Text } from '../../base/index.js';

/** Text that needs no escapes, in JSON or on a terminal. */
const PLAIN = /^[ !#-[\]-~]*$/;

export class JsonLine {
  private line = '';

  text(name: string, value: string): void {
    this.add(name, PLAIN.test(value) ? `"${value}"` : utf8Text(safeJson(value)));
  }

  /** ASCII without DEL: only characters that JSON.stringify handles. */
  ascii(name: string, value: string): void {
    this.add(name, JSON.stringify(value));
  }

  number(name: string, value: number): void {
    this.add(name, Number.isFinite(value) ? `${value}` : 'null');
  }

  /** Any other value. */
  member(name: string, value: unknown): void {
    if (typeof value === 'string') this.text(name, value);
    else if (typeof value === 'number') this.number(name, value);
    else this.add(name, utf8Text(safeJson(value)));
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
