/**
 * The one mapping of an anonymised export: the same value always becomes the same replacement, by HMAC-SHA256 with a key
 * of the run. Numbers keep their length, addresses are mapped to documentation and benchmark networks.
 */
import { createHmac } from 'node:crypto';
import { ipv6Text, parseIpv4, parseIpv6 } from '../../base/index.js';

/** Last digits that all forms of a number have in common. */
const SHARED_DIGITS = 7;
/** /24 networks within 198.18.0.0/15 (RFC 2544). */
const NETWORKS = 512;
/** Identify nobody. */
const KEPT_USERS = new Set(['', 'anonymous', 'unavailable', 'unknown', 'restricted', 'private', '-']);
const KEPT_HOSTS = new Set(['', 'localhost', 'invalid', 'anonymous.invalid', '0.0.0.0', '127.0.0.1', '::', '::1']);
const MIN_WORD = 3;
const MIN_NUMBER = 4;
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');
const WORD = /^[\p{L}\p{N}_][\p{L}\p{N}_.+~-]*$/u;

export class Mapping {
  /** Words that were replaced, in lower case: replaced wherever else they occur. */
  private readonly words = new Map<string, string>();
  /** Words that only looked like users: what a header with a rule says of them goes before. */
  private readonly guesses = new Set<string>();
  /** Users that are more than one word, in lower case. */
  private readonly phrases = new Map<string, RegExp>();
  /** The last digits of all numbers. */
  private readonly tails = new Set<string>();
  private readonly cache = new Map<string, string>();
  private readonly networks = new Map<string, number>();
  private readonly taken = new Set<number>();

  constructor(
    private readonly key: Buffer,
    /** Digits at the beginning of a number that stay (country, area). */
    private readonly keepPrefix = 0,
  ) {}

  /** The user of a URI: a number, or a name. */
  user(text: string): string {
    if (KEPT_USERS.has(text.toLowerCase())) return text;
    if (/^[+\d][\d().\-*#/ ]*$/.test(text)) {
      const number = this.number(text);
      // Longer ones are recognised anywhere; a short one could be anything.
      if (text.length >= MIN_NUMBER) this.words.set(text, number);
      return number;
    }
    if (text.length >= MIN_WORD && !WORD.test(text)) this.phrases.set(text.toLowerCase(), phrase(text));
    return this.learned(text, () => `user-${this.hex('user', text, 8)}`);
  }

  /** A user found in text: perhaps the local part of a Call-ID. */
  guessedUser(text: string): string {
    const known = this.known(text);
    if (known !== undefined) return known;
    const replacement = this.user(text);
    this.guesses.add(text.toLowerCase());
    return replacement;
  }

  /** Replaces the users that are more than one word. */
  replacePhrases(text: string, keep: (replacement: string) => string): string {
    let result = text;
    for (const [words, pattern] of this.phrases)
      if (result.toLowerCase().includes(words)) result = result.replace(pattern, () => keep(this.known(words)!));
    return result;
  }

  /** Digits to as many digits; other characters stay. Numbers equal in their last seven digits remain so. */
  number(text: string): string {
    const digits = text.replace(/\D/g, '');
    if (digits.length >= SHARED_DIGITS) this.tails.add(digits.slice(-SHARED_DIGITS));
    const kept = this.keepPrefix;
    const head = digits.slice(kept, Math.max(kept, digits.length - SHARED_DIGITS));
    const tail = digits.slice(kept + head.length);
    const mapped = digits.slice(0, kept) + this.digits('head', head) + this.digits('tail', tail);
    let at = 0;
    return text.replace(/\d/g, () => mapped[at++]);
  }

  /** Whether these are the last digits of a number seen, with any separators. */
  knowsNumber(text: string): boolean {
    const digits = text.replace(/\D/g, '');
    return digits.length >= SHARED_DIGITS && this.tails.has(digits.slice(-SHARED_DIGITS));
  }

  host(text: string): string {
    const bare = text.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (KEPT_HOSTS.has(bare.toLowerCase())) return text;
    const address = this.address(bare);
    if (address !== '') return text.startsWith('[') ? `[${address}]` : address;
    const name = bare.toLowerCase();
    return this.learned(name, () => `host-${this.hex('host', name, 8)}.example`);
  }

  /** '' if the text is not an address. */
  address(text: string): string {
    if (KEPT_HOSTS.has(text)) return text;
    const plain = /^\d+(?:\.\d+){3}$/.test(text) ? text.split('.').map(Number).join('.') : text;
    const v4 = parseIpv4(plain);
    if (v4 !== null) return this.cached('v4', plain, () => this.ipv4(v4));
    const v6 = text.includes(':') ? parseIpv6(text) : null;
    if (v6 === null) return '';
    // An IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2) is the same host.
    if (v6.subarray(0, 12).equals(MAPPED)) return `::ffff:${this.address(v6.subarray(12).join('.'))}`;
    return this.cached('v6', ipv6Text(v6, 0), () => this.ipv6(v6));
  }

  /** A locally administered address (IEEE 802) in the notation of the text. */
  mac48(text: string): string {
    const hex = `02${this.hex('mac', text.toLowerCase().replace(/[^0-9a-f]/g, ''), 10)}`;
    let at = 0;
    const mapped = text.replace(/[0-9a-f]/gi, () => hex[at++]);
    return /[A-F]/.test(text) ? mapped.toUpperCase() : mapped;
  }

  displayName(text: string): string {
    const name = text.trim();
    if (KEPT_USERS.has(name.toLowerCase())) return text;
    const replacement = this.learned(name, () => `name-${this.mac('name', name).readUInt32BE(0) % 100_000}`);
    for (const word of name.split(/[^\p{L}\p{N}]+/u)) if (word.length >= MIN_WORD) this.words.set(word.toLowerCase(), replacement);
    return replacement;
  }

  /** Tags, branches, nonces: opaque. A branch keeps its cookie. */
  token(text: string): string {
    if (text === '') return '';
    return text.startsWith('z9hG4bK') ? `z9hG4bK${this.hex('token', text, 16)}` : this.learned(text, () => this.hex('token', text, 16));
  }

  /** `local@host`, or anything else. */
  callId(text: string): string {
    const at = text.lastIndexOf('@');
    if (at < 0) return this.learned(text, () => this.hex('callid', text, 24));
    const host = text.slice(at + 1);
    const port = this.address(host) !== '' ? '' : (/:\d+$/.exec(host)?.[0] ?? '');
    return `${this.learned(text.slice(0, at), () => this.hex('callid', text.slice(0, at), 24))}@${this.host(host.slice(0, host.length - port.length))}${port}`;
  }

  uuid(text: string): string {
    const hex = this.hex('uuid', text.toLowerCase().replaceAll('-', ''), 32);
    let at = 0;
    return text.replace(/[0-9a-f]/gi, () => hex[at++]);
  }

  /** Replacement of a word that was replaced elsewhere, else undefined. */
  known(word: string): string | undefined {
    return this.words.get(word.toLowerCase());
  }

  private learned(text: string, make: () => string): string {
    const known = this.words.get(text.toLowerCase());
    if (known !== undefined && !this.guesses.delete(text.toLowerCase())) return known;
    const replacement = make();
    if (text.length >= MIN_WORD) this.words.set(text.toLowerCase(), replacement);
    return replacement;
  }

  private digits(kind: string, text: string): string {
    if (text === '') return '';
    return this.cached(kind, text, () => {
      const mac = this.mac(kind, text);
      return Array.from(text, (_, i) => String((mac[i % mac.length] + i) % 10)).join('');
    });
  }

  /** Networks of 24 bits stay together; within one, addresses with a common prefix keep one. */
  private ipv4(bytes: Buffer): string {
    const network = `${bytes[0]}.${bytes[1]}.${bytes[2]}`;
    const slot = this.networkOf(network);
    let host = 0;
    for (let bit = 7; bit >= 0; bit--) {
      const prefix = bytes[3] >> (bit + 1);
      const flip = this.mac('bit', `${network} ${bit} ${prefix}`)[0] & 1;
      host |= (((bytes[3] >> bit) & 1) ^ flip) << bit;
    }
    return `198.${18 + (slot >> 8)}.${slot & 255}.${host}`;
  }

  private networkOf(network: string): number {
    const known = this.networks.get(network);
    if (known !== undefined) return known;
    let slot = this.mac('network', network).readUInt32BE(0) % NETWORKS;
    // With more networks than replacements, some share one.
    for (let tries = 0; tries < NETWORKS && this.taken.has(slot); tries++) slot = (slot + 1) % NETWORKS;
    this.networks.set(network, slot);
    this.taken.add(slot);
    return slot;
  }

  private ipv6(bytes: Buffer): string {
    const mapped = Buffer.alloc(16);
    mapped.writeUInt32BE(0x20010db8, 0);
    this.mac('prefix', bytes.toString('hex', 0, 8)).copy(mapped, 4, 0, 4);
    this.mac('interface', bytes.toString('hex')).copy(mapped, 8, 0, 8);
    return ipv6Text(mapped, 0);
  }

  private hex(kind: string, text: string, length: number): string {
    return this.mac(kind, text).toString('hex').slice(0, length);
  }

  private cached(kind: string, text: string, make: () => string): string {
    const key = `${kind} ${text}`;
    const known = this.cache.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.cache.set(key, made);
    return made;
  }

  private mac(kind: string, text: string): Buffer {
    return createHmac('sha256', this.key).update(`${kind}\0${text}`).digest();
  }
}

function phrase(text: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu');
}
