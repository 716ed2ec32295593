/** Anonymises SIP messages: every part by its rule, everything else searched for known values. */
import { Counters, NO_FRAMES, NO_STREAM, type Message } from '../../base/index.js';
import { longHeaderName } from '../../sip/index.js';
import { unescaped } from './escapes.js';
import { headerRule } from './header-rules.js';
import { Mapping } from './mapping.js';
import { SCHEME } from './patterns.js';
import { rewriteSdp } from './sdp-rewriter.js';
import { splitList } from './split-list.js';
import { TextRewriter } from './text-rewriter.js';

export interface AnonymiseOptions {
  key: Buffer;
  keepPrefix: number;
  /** Unknown headers are removed. */
  strict: boolean;
}

interface HeaderLine {
  name: string;
  value: string;
}

export class Anonymiser {
  /** What was removed or not understood, by name. */
  readonly notes = new Counters();
  private readonly mapping: Mapping;
  private readonly rewriter: TextRewriter;

  constructor(private readonly options: AnonymiseOptions) {
    this.mapping = new Mapping(options.key, options.keepPrefix);
    this.rewriter = new TextRewriter(this.mapping);
  }

  /** Learns the names in a message, so that they are found everywhere else, also in earlier messages. */
  learn(message: Message): void {
    this.payload(message.payload.toString('utf8'), new Counters());
  }

  /** A new message without frames and HEP packet, which would reveal everything. */
  message(message: Message): Message {
    const { mapping } = this;
    const host = (address: string) => (address === '' ? '' : mapping.host(address));
    return {
      ...message,
      sourceAddress: host(message.sourceAddress),
      destinationAddress: host(message.destinationAddress),
      outerSource: '',
      outerDestination: '',
      captureName: message.captureName === '' ? '' : mapping.user(message.captureName),
      correlationId: message.correlationId === '' ? '' : mapping.callId(message.correlationId),
      payload: Buffer.from(this.payload(message.payload.toString('utf8'), this.notes), 'utf8'),
      // It is another message now.
      stream: NO_STREAM,
      sequence: 0,
      envelope: null,
      sip: null,
      frames: NO_FRAMES,
    };
  }

  private payload(text: string, notes: Counters): string {
    const start = /^[\r\n]*/.exec(text)![0].length;
    const end = /\r?\n\r?\n/.exec(text.slice(start));
    const head = end === null ? text.slice(start) : text.slice(start, start + end.index);
    const body = end === null ? '' : text.slice(start + end.index + end[0].length);
    const [startLine, ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n|\r/);
    const headers = lines.map(headerLine);
    const type = headers.find(({ name }) => longHeaderName(name) === 'content-type')?.value ?? '';
    const newBody = this.body(body, type, notes);
    const rewritten = headers.flatMap((header) => this.header(header, newBody, notes));
    return [this.startLine(startLine), ...rewritten, '', newBody].join('\r\n');
  }

  private startLine(line: string): string {
    const reply = /^(SIP\/\S+\s+\d{3})\s?(.*)$/i.exec(line);
    if (reply !== null) return `${reply[1]} ${this.rewriter.text(reply[2])}`;
    const request = /^(\S+)\s+(.*?)\s+(SIP\/\S+)$/i.exec(line);
    return request === null ? 'UNKNOWN sip:unknown SIP/2.0' : `${request[1]} ${this.uri(request[2])} ${request[3]}`;
  }

  private uri(text: string): string {
    return SCHEME.test(text) ? this.rewriter.uri(text) : this.rewriter.text(text);
  }

  /** The line as written; none if it is removed. */
  private header({ name, value }: HeaderLine, body: string, notes: Counters): string[] {
    const long = longHeaderName(name);
    if (long === 'content-length') return [`${name}: ${Buffer.byteLength(body)}`];
    const rule = headerRule(long);
    const { rewriter } = this;
    const line = (text: string) => [`${name}: ${text}`];
    switch (rule) {
      case 'plain':
        return line(value);
      case 'address':
        return line(this.addresses(value));
      case 'via':
        return line(
          value
            .split(',')
            .map((each) => this.via(each))
            .join(','),
        );
      case 'call-id':
        return line(
          value
            .split(',')
            .map((each) => this.mapping.callId(each.trim()))
            .join(', '),
        );
      case 'dialog':
        return line(rewriter.dialog(value));
      case 'session-id':
        return line(value.replace(/[0-9a-f]{32}/gi, (uuid) => (/^0+$/.test(uuid) ? uuid : this.mapping.uuid(uuid))));
      case 'digest':
        return /^digest\s/i.test(value) || long.endsWith('info') ? line(this.digest(value)) : this.leftOut(name, notes);
      case 'text':
        return line(rewriter.text(value));
      case 'parameters':
        return line(rewriter.parameters(`;${value}`).slice(1));
      case 'typed':
        return line(this.typed(value));
      case 'warning':
        return line(
          splitList(value, ',')
            .map((each) => this.warning(each.trim()))
            .join(', '),
        );
      case 'token':
        return line(this.mapping.token(value));
      case 'drop':
        return this.leftOut(name, notes);
      default:
        if (this.options.strict || name === '') return this.leftOut(name, notes);
        notes.add(`header ${long} searched only`);
        return line(rewriter.text(value));
    }
  }

  private leftOut(name: string, notes: Counters): string[] {
    notes.add(`header ${longHeaderName(name)} left out`);
    return [];
  }

  /** `"Name" <uri>;parameters, …`; a comma within quotes or brackets separates nothing. */
  private addresses(value: string): string {
    if (value.trim() === '*') return value;
    return splitList(value, ',')
      .map((each) => this.addressOf(each.trim()))
      .join(', ');
  }

  private addressOf(text: string): string {
    const named = /^((?:"(?:[^"\\]|\\.)*")|[^<"]*)\s*<([^>]*)>?(.*)$/s.exec(text);
    if (named === null) {
      const semicolon = text.indexOf(';');
      const uri = semicolon < 0 ? text : text.slice(0, semicolon);
      return this.uri(uri) + (semicolon < 0 ? '' : this.rewriter.parameters(text.slice(semicolon)));
    }
    const name = named[1].trim().replace(/^"|"$/g, '').replace(/\\(.)/g, '$1');
    const shown = name === '' ? '' : `"${this.mapping.displayName(name)}" `;
    return `${shown}<${this.uri(named[2].trim())}>${this.rewriter.parameters(named[3])}`;
  }

  private via(text: string): string {
    const match = /^(\s*SIP\s*\/\s*[\d.]+\s*\/\s*\w+\s+)(.*)$/is.exec(text);
    return match === null ? this.rewriter.text(text) : `${match[1]}${this.rewriter.hostPart(match[2].trim())}`;
  }

  /** A word of the protocol stays; its parameters and comments say who. */
  private typed(value: string): string {
    const type = /^[\w/*+.-]*/.exec(value)![0];
    return type + this.rewriter.parameters(value.slice(type.length));
  }

  /** RFC 3261 section 20.43: code, agent (host and port, or a pseudonym) and text. */
  private warning(value: string): string {
    const match = /^(\d{3}\s+)([^\s"]+)(.*)$/s.exec(value);
    if (match === null) return this.rewriter.text(value);
    const agent = match[2] === '-' ? '-' : this.rewriter.hostPart(match[2]);
    return match[1] + agent + this.rewriter.text(match[3]);
  }

  private digest(value: string): string {
    return value.replace(
      /(?<![\w-])([\w-]+\*?)(\s*=\s*)("(?:[^"\\]|\\.)*"|[^,\s]+)/g,
      (_, name: string, equals: string, quoted: string) => {
        const isQuoted = quoted.startsWith('"');
        const bare = isQuoted ? quoted.slice(1, -1) : quoted;
        const mapped = this.credential(name.toLowerCase(), bare);
        return `${name}${equals}${isQuoted ? `"${mapped}"` : mapped}`;
      },
    );
  }

  private credential(name: string, value: string): string {
    if (name === 'username') {
      const [user, host] = value.split('@');
      return this.mapping.user(user) + (host === undefined ? '' : `@${this.mapping.host(host)}`);
    }
    // RFC 7616 section 3.4: UTF-8''user.
    if (name === 'username*') return value.replace(/[^']*$/, (user) => this.mapping.user(unescaped(user)));
    if (name === 'uri') return this.uri(value);
    if (name === 'realm' || name === 'domain') return this.mapping.host(value);
    if (['response', 'nonce', 'cnonce', 'opaque', 'nextnonce', 'rspauth', 'ik', 'ck', 'auts'].includes(name))
      return this.mapping.token(value);
    return ['algorithm', 'qop', 'nc', 'stale'].includes(name) ? value : this.rewriter.text(value);
  }

  private body(body: string, type: string, notes: Counters): string {
    if (body === '') return '';
    if (/^application\/sdp/i.test(type) || (type === '' && body.startsWith('v=0'))) return rewriteSdp(body, this.rewriter);
    notes.add(`body of ${/^[\w.+/-]*/.exec(type)![0] || 'no type'} emptied`);
    return '';
  }
}

function headerLine(line: string): HeaderLine {
  const colon = line.indexOf(':');
  return colon < 0 ? { name: '', value: line } : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}
