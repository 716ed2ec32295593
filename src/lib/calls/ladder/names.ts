/** `--names FILE`: names of addresses, one a line: `10.0.0.1 sbc`, `10.0.0.1:5080 sbc-core`, `10.0.0.0/24 phones`. */
import { UsageError, parseAddress } from '../../base/index.js';

interface NameRule {
  address: Buffer;
  /** Bits that count. */
  bits: number;
  /** 0 is any. */
  port: number;
  name: string;
}

export class Names {
  private readonly rules: NameRule[];

  /** The most specific rule first: a port, then the longest prefix. */
  constructor(text: string, file: string) {
    this.rules = text
      .split(/\r?\n/)
      .map((line, i) => ruleOf(line, `${file}:${i + 1}`))
      .filter((rule) => rule !== null)
      .sort((a, b) => Number(b.port > 0) - Number(a.port > 0) || b.bits - a.bits);
  }

  /** '' if no line matches. */
  nameOf(address: string, port: number): string {
    const bytes = parseAddress(address);
    if (bytes === null) return '';
    return this.rules.find((rule) => (rule.port === 0 || rule.port === port) && isWithin(bytes, rule))?.name ?? '';
  }
}

function ruleOf(line: string, place: string): NameRule | null {
  const text = line.replace(/(^|\s)#.*$/, '').trim();
  if (text === '') return null;
  const match = /^(?:\[([^\]]+)\]|([^\s/:]+|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*))(?::(\d{1,5}))?(?:\/(\d{1,3}))?\s+(.+)$/i.exec(text);
  const address = match === null ? null : parseAddress(match[1] ?? match[2]);
  const bits = address === null ? 0 : Number(match![4] ?? address.length * 8);
  if (match === null || address === null || bits > address.length * 8)
    throw new UsageError(
      `${place}: invalid line '${text}': expected 10.0.0.1 NAME, 10.0.0.1:5080 NAME or 10.0.0.0/24 NAME, IPv6 with a port in brackets`,
    );
  return { address, bits, port: Number(match[3] ?? 0), name: match[5] };
}

function isWithin(bytes: Buffer, { address, bits }: NameRule): boolean {
  if (bytes.length !== address.length) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
    if ((bytes[bit >> 3] & mask) !== (address[bit >> 3] & mask)) return false;
  }
  return true;
}
