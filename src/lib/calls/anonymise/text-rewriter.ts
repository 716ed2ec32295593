/** Rewrites URIs, addresses, host names, numbers and known words anywhere in text. */
import { escaped, rewriteEscaped, unescaped } from './escapes.js';
import type { Mapping } from './mapping.js';
import { rewriteNumbers } from './numbers.js';
import { splitList } from './split-list.js';
import { HOST_NAME, IPV4, IPV6, MAC, MAILBOX, NAMED, URI, URN, UUID, WORD, isHostName } from './patterns.js';

/** Text that is encoded more often, or URIs within URIs, are opaque. */
const MAX_DEPTH = 8;
/** Parts and separators of a known word within a longer one. */
const MAX_PARTS = 15;
/** Digits of marks: neither letters nor digits. */
const MARK = 0xe000;

export class TextRewriter {
  private depth = 0;

  constructor(readonly mapping: Mapping) {}

  /** Rewrites what is recognised; the rest is unchanged. */
  text(text: string): string {
    if (text === '') return '';
    if (this.depth >= MAX_DEPTH) return this.mapping.token(text);
    this.depth++;
    const rewritten = this.rewritten(text);
    this.depth--;
    return rewritten;
  }

  private rewritten(text: string): string {
    const kept: string[] = [];
    // What was rewritten must not be rewritten again.
    const keep = (replacement: string) => {
      const digits = String(kept.push(replacement) - 1);
      return `\0${digits.replace(/\d/g, (digit) => String.fromCharCode(MARK + Number(digit)))}\0`;
    };
    const restore = (rewritten: string): string =>
      rewritten.replace(/\0([\ue000-\ue009]+)\0/g, (_, digits: string) =>
        restore(kept[Number(digits.replace(/./g, (digit) => String(digit.charCodeAt(0) - MARK)))]),
      );
    const { mapping } = this;
    const known = (word: string) => {
      const replacement = mapping.known(word.replace(/[.]$/, ''));
      return replacement === undefined ? word : keep(replacement);
    };
    const rewritten = mapping
      .replacePhrases(
        text
          .replaceAll('\0', '')
          .replace(NAMED, (whole, quoted: string | undefined) => keep(this.displayName(whole, quoted)))
          .replace(URI, (whole) => this.uriInText(whole, keep))
          .replace(/[^\s<>"',\0]+/g, (part) =>
            /%[0-9a-f]{2}/i.test(part) ? keep(rewriteEscaped(part, (plain) => this.text(plain))) : part,
          )
          .replace(URN, keep),
        keep,
      )
      .replace(UUID, (uuid) => keep(mapping.uuid(uuid)))
      .replace(MAILBOX, (_, user: string, host: string) => keep(`${mapping.guessedUser(user)}@${mapping.host(host)}`))
      // Known words before anything that could be a part of them.
      .replace(WORD, known)
      .replace(MAC, (mac) => keep(mapping.mac48(mac)))
      .replace(IPV4, (address) => this.ipv4(address, keep))
      .replace(IPV6, (address) => this.ipv6(address, keep))
      .replace(HOST_NAME, (name) => keep(isHostName(name) ? mapping.host(name) : this.parts(name, keep)))
      .replace(WORD, (word) => (/[.+~_-]/.test(word) ? this.parts(word, keep) : word));
    return restore(rewriteNumbers(rewritten, mapping, keep));
  }

  /** `sip:user:password@host:port;parameters?headers`, `tel:`, and others by their host. */
  uri(text: string): string {
    const colon = text.indexOf(':');
    const scheme = text.slice(0, colon);
    const rest = text.slice(colon + 1);
    if (/^tel$/i.test(scheme)) return `${scheme}:${this.telephone(rest)}`;
    if (/^data$/i.test(scheme)) return `${scheme}:,`;
    if (/^urn$/i.test(scheme)) return this.text(text);
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
    return `${this.mapping.host(unescaped(match[1]))}${match[2] ?? ''}${this.parameters(match[3])}`;
  }

  /** `;name=value`, several of them, and whatever is before the first. */
  parameters(text: string): string {
    const [before, ...parameters] = splitList(text, ';');
    const each = parameters.map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return this.name(parameter);
      const [name, value] = [parameter.slice(0, equals), parameter.slice(equals + 1).trim()];
      const quoted = /^"(.*)"$/s.exec(value);
      const mapped = this.parameter(name.trim().toLowerCase(), quoted === null ? value : quoted[1]);
      return `${this.name(name)}=${quoted === null ? mapped : `"${mapped}"`}`;
    });
    return [this.text(before), ...each].join(';');
  }

  /** Names of the protocol stay, also if a user has one of them; feature tags (RFC 3840) are no host names. */
  private name(text: string): string {
    const name = text.trim().toLowerCase();
    const isKept = [TAGS, HOSTS, PLAIN, NAMES].some((names) => names.has(name)) || /^\+[a-z][\w.!-]*$/.test(name);
    return isKept ? text : this.text(text);
  }

  /** `call-id;to-tag=…;from-tag=…`. */
  dialog(text: string): string {
    const semicolon = text.indexOf(';');
    if (semicolon < 0) return this.mapping.callId(text.trim());
    return this.mapping.callId(text.slice(0, semicolon).trim()) + this.parameters(text.slice(semicolon));
  }

  private parameter(name: string, value: string): string {
    if (TAGS.has(name)) return this.mapping.token(value);
    if (name === 'call-id') return this.mapping.callId(value);
    if (HOSTS.has(name)) return this.hostPart(value);
    if (PLAIN.has(name) && /^[\w.-]*$/.test(value)) return value;
    return this.text(value);
  }

  private userPart(text: string): string {
    const [user, ...parameters] = text.split(';');
    const colon = user.indexOf(':');
    const name = unescaped(colon < 0 ? user : user.slice(0, colon));
    const at = name.lastIndexOf('@');
    const mapped = at < 0 ? this.mapping.user(name) : `${this.mapping.user(name.slice(0, at))}@${this.mapping.host(name.slice(at + 1))}`;
    // RFC 3261 section 25.1: unreserved, and user-unreserved.
    const encoded = mapped.replace(/[^\w.!~*'()&=+$,;?/-]/gu, escaped);
    return encoded + (parameters.length === 0 ? '' : this.parameters(`;${parameters.join(';')}`));
  }

  private telephone(text: string): string {
    const semicolon = text.indexOf(';');
    const number = unescaped(semicolon < 0 ? text : text.slice(0, semicolon));
    const mapped = /^[+\d().\-*#\sa-d]*$/i.test(number) ? this.mapping.number(number) : this.mapping.user(number);
    return mapped.replace(/\s/g, escaped) + (semicolon < 0 ? '' : this.parameters(text.slice(semicolon)));
  }

  private webHost(text: string): string {
    return this.hostPart(/^\/*([^/?#;]*)/.exec(text)![1]);
  }

  private uriHeaders(text: string): string {
    return text
      .split('&')
      .map((header) => {
        const equals = header.indexOf('=');
        if (equals < 0) return this.text(header);
        const [name, value] = [header.slice(0, equals), unescaped(header.slice(equals + 1))];
        return `${this.name(name)}=${encodeURIComponent(/^(?:replaces|join)$/i.test(name) ? this.dialog(value) : this.text(value))}`;
      })
      .join('&');
  }

  /** What ends a sentence is not part of the URI. */
  private uriInText(text: string, keep: (text: string) => string): string {
    const ends = text.includes('(') ? '.!?;' : '.!?;)';
    let length = text.length;
    while (ends.includes(text[length - 1])) length--;
    return keep(this.uri(text.slice(0, length))) + text.slice(length);
  }

  private ipv4(text: string, keep: (text: string) => string): string {
    const separator = /\D/.exec(text)![0];
    const mapped = separator !== '.' && this.mapping.knowsNumber(text) ? '' : this.mapping.address(text.replaceAll(separator, '.'));
    return mapped === '' ? text : keep(mapped.replaceAll('.', separator));
  }

  private ipv6(text: string, keep: (text: string) => string): string {
    if (text.length <= 3) return text;
    const mapped = this.mapping.address(text);
    if (mapped !== '' || !text.endsWith(':')) return keep(mapped || text);
    const address = text.slice(0, -1);
    return `${keep(this.mapping.address(address) || address)}:`;
  }

  private displayName(whole: string, quoted: string | undefined): string {
    if (quoted === undefined) return `"${this.mapping.displayName(whole)}" `;
    return `"${this.mapping.displayName(quoted.replace(/\\(.)/g, '$1'))}"`;
  }

  /** Known words within a word, the longest first. */
  private parts(word: string, keep: (text: string) => string): string {
    const parts = word.split(/([.+~_-])/);
    let result = '';
    for (let first = 0; first < parts.length; first++) {
      let last = Math.min(parts.length, first + MAX_PARTS);
      while (last > first && this.mapping.known(parts.slice(first, last).join('')) === undefined) last--;
      if (last === first) result += parts[first];
      else {
        result += keep(this.mapping.known(parts.slice(first, last).join(''))!);
        first = last - 1;
      }
    }
    return result;
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
const NAMES = new Set([
  'call-id',
  'phone-context',
  'isub',
  'ext',
  'line',
  'text',
  'purpose',
  'handling',
  'boundary',
  'charset',
  'alias',
  'replaces',
]);
