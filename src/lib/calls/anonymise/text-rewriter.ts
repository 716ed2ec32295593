/** Rewrites URIs, addresses, numbers and known words anywhere in text. */
import type { Mapping } from './mapping.js';

const URI = /\b(sips?|tel|https?|mailto|xmpp|im|pres|ws|wss):([^\s<>"',]+)/gi;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g;
const IPV6 = /(?<![0-9a-z:])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{0,4}|(?:\d{1,3}\.){3}\d{1,3})(?![0-9a-z:])/gi;
/** Shorter runs of digits are ports, times and versions. */
const NUMBER = /\+?\d{5,}/g;
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_.+~-]*/gu;

export class TextRewriter {
  constructor(readonly mapping: Mapping) {}

  /** Rewrites what is recognised; the rest is unchanged. */
  text(text: string): string {
    const kept: string[] = [];
    // What was rewritten must not be rewritten again.
    const keep = (replacement: string) => `\0${kept.push(replacement) - 1}\0`;
    const restore = (rewritten: string): string => rewritten.replace(/\0(\d+)\0/g, (_, index: string) => restore(kept[Number(index)]));
    const { mapping } = this;
    return restore(
      text
        .replaceAll('\0', '')
        .replace(URI, (whole) => keep(this.uri(whole)))
        .replace(UUID, (uuid) => keep(mapping.uuid(uuid)))
        .replace(IPV4, (address) => keep(mapping.address(address) || address))
        .replace(IPV6, (address) => (address.length > 3 ? keep(mapping.address(address) || address) : address))
        .replace(WORD, (word) => this.word(word, keep))
        .replace(NUMBER, (number) => keep(mapping.number(number))),
    );
  }

  /** `sip:user:password@host:port;parameters?headers`, `tel:`, and others by their host. */
  uri(text: string): string {
    const colon = text.indexOf(':');
    const scheme = text.slice(0, colon);
    const rest = text.slice(colon + 1);
    if (/^tel$/i.test(scheme)) return `${scheme}:${this.telephone(rest)}`;
    if (/^https?$|^wss?$/i.test(scheme)) return `${scheme}://${this.webHost(rest)}/`;
    const question = rest.indexOf('?');
    const main = question < 0 ? rest : rest.slice(0, question);
    const headers = question < 0 ? '' : `?${this.uriHeaders(rest.slice(question + 1))}`;
    const at = main.lastIndexOf('@');
    const user = at < 0 ? '' : `${this.userPart(main.slice(0, at))}@`;
    return `${scheme}:${user}${this.hostPart(main.slice(at + 1))}${headers}`;
  }

  /** `host:port;parameters`. */
  hostPart(text: string): string {
    const match = /^(\[[^\]]*\]|[^;:?\s]*)(:\d+)?(.*)$/s.exec(text)!;
    return `${this.mapping.host(match[1])}${match[2] ?? ''}${this.parameters(match[3])}`;
  }

  /** `;name=value`, several of them. */
  parameters(text: string): string {
    return text.replace(
      /(;\s*)([^=;\s]+)(\s*=\s*)("[^"]*"|[^;]*)/g,
      (_, separator: string, name: string, equals: string, value: string) => {
        const quoted = value.startsWith('"');
        const bare = quoted ? value.slice(1, -1) : value;
        const mapped = this.parameter(name.toLowerCase(), bare);
        return `${separator}${name}${equals}${quoted ? `"${mapped}"` : mapped}`;
      },
    );
  }

  /** `call-id;to-tag=…;from-tag=…`. */
  dialog(text: string): string {
    const semicolon = text.indexOf(';');
    if (semicolon < 0) return this.mapping.callId(text.trim());
    return this.mapping.callId(text.slice(0, semicolon).trim()) + this.parameters(text.slice(semicolon));
  }

  private parameter(name: string, value: string): string {
    if (TAGS.has(name)) return this.mapping.token(value);
    if (HOSTS.has(name)) return this.hostPart(value);
    if (PLAIN.has(name)) return value;
    return this.text(value);
  }

  private userPart(text: string): string {
    const [user, ...parameters] = text.split(';');
    const colon = user.indexOf(':');
    const name = unescaped(colon < 0 ? user : user.slice(0, colon));
    return this.mapping.user(name) + (parameters.length === 0 ? '' : this.parameters(`;${parameters.join(';')}`));
  }

  private telephone(text: string): string {
    const semicolon = text.indexOf(';');
    if (semicolon < 0) return this.mapping.number(text);
    return this.mapping.number(text.slice(0, semicolon)) + this.parameters(text.slice(semicolon));
  }

  private webHost(text: string): string {
    return this.hostPart(/^\/*([^/?#;]*)/.exec(text)![1]);
  }

  private uriHeaders(text: string): string {
    return text
      .split('&')
      .map((header) => {
        const equals = header.indexOf('=');
        if (equals < 0) return header;
        const [name, value] = [header.slice(0, equals), unescaped(header.slice(equals + 1))];
        return `${name}=${encodeURIComponent(/^(?:replaces|join)$/i.test(name) ? this.dialog(value) : this.text(value))}`;
      })
      .join('&');
  }

  /** A known word, or one that is made of known words. */
  private word(word: string, keep: (text: string) => string): string {
    const known = this.mapping.known(word.replace(/[.]$/, ''));
    if (known !== undefined) return keep(known);
    if (!/[.+~_-]/.test(word)) return word;
    return word.replace(/[\p{L}\p{N}]+/gu, (part) => {
      const each = this.mapping.known(part);
      return each === undefined ? part : keep(each);
    });
  }
}

const TAGS = new Set([
  'tag',
  'to-tag',
  'from-tag',
  'local-tag',
  'remote-tag',
  'branch',
  'icid-value',
  'ftag',
  'vst',
  'did',
  'nat',
  'cid',
  'ob-id',
  'gr',
  'reg-id',
]);
const HOSTS = new Set(['received', 'maddr', 'orig-ioi', 'term-ioi', 'icid-generated-at', 'domain']);
const PLAIN = new Set([
  'transport',
  'user',
  'ttl',
  'method',
  'rport',
  'lr',
  'q',
  'expires',
  'cause',
  'reason',
  'counter',
  'privacy',
  'screen',
  'index',
  'refresher',
  'ob',
  'keep',
]);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
