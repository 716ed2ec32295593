/** The short flags as conditions: values of one flag are alternatives, all flags must hold. */
import { UsageError, ipv6Text, parseAddress, type SipFields } from '../../base/index.js';
import { compilePattern, isWithin, parseAnyNetwork, type Network } from '../../route/filter/index.js';
import { anyOf, type Condition } from '../../store/read/index.js';
import type { FilterOptions } from './options.js';
import { PhoneNumber } from './phone-number.js';
import { isInRanges, statusCondition, statusRanges } from './status.js';
import type { Subject, Term } from './term.js';

const REPLY = 2;
/** Characters without a special meaning in a pattern. */
const LITERAL = /^[\w @:;,=<>"'#%&!~/-]+$/;

type UserField = 'fromUser' | 'toUser' | 'ruriUser' | 'pidUser';

export function flagTerms(options: FilterOptions): Term[] {
  return [
    users('--sip-user', options.sipUser, ['fromUser', 'toUser', 'ruriUser', 'pidUser']),
    users('--from-user', options.fromUser, ['fromUser']),
    users('--to-user', options.toUser, ['toUser']),
    numbers(options.number),
    callIds(options.callId),
    methods(options.method),
    replies('--status', options.status),
    replies('--reply', options.reply),
    addresses(options.ip),
    patterns('--ua', options.ua, (subject) => subject.sip()?.userAgent ?? ''),
    patterns('--match', options.match, ({ message }) => message.payload.latin1Slice()),
  ].filter((term): term is Term => term !== null);
}

function users(flag: string, values: readonly string[], fields: readonly UserField[]): Term | null {
  const wanted = new Set(values);
  const condition = anyOf(fields.map((field): Condition => ({ kind: 'is', field, values })));
  return ofSip(flag, values, condition, true, (sip) => fields.some((field) => wanted.has(sip[field])));
}

function numbers(values: readonly string[]): Term | null {
  const fields: readonly UserField[] = ['fromUser', 'toUser', 'ruriUser', 'pidUser'];
  const wanted = values.map((value) => new PhoneNumber(value, '--number'));
  const condition = anyOf(fields.flatMap((field) => wanted.map(({ pattern }): Condition => ({ kind: 'like', field, pattern }))));
  return ofSip('--number', values, condition, false, (sip) => fields.some((field) => wanted.some((number) => number.matches(sip[field]))));
}

function callIds(values: readonly string[]): Term | null {
  const wanted = new Set(values);
  return ofSip('--call-id', values, { kind: 'is', field: 'callId', values }, true, ({ callId }) => wanted.has(callId));
}

/** The method of requests; for replies that of CSeq. */
function methods(values: readonly string[]): Term | null {
  const list = values.flatMap((value) => value.split(',')).map((value) => value.trim().toUpperCase());
  const wrong = list.find((method) => !/^[!%'*+\-.\w`~]+$/.test(method));
  if (wrong !== undefined)
    throw new UsageError(`invalid --method '${wrong}': expected a method such as INVITE, or several separated by commas`);
  const wanted = new Set(list);
  const like = list.map((method): Condition => ({ kind: 'like', field: 'cseq', pattern: `%${method.replace(/[%_]/g, '_')}` }));
  const condition = anyOf([{ kind: 'is', field: 'method', values: list }, ...like]);
  return ofSip('--method', values, condition, true, ({ kind, method, cseq }) =>
    wanted.has(kind === REPLY ? cseq.slice(cseq.search(/\s/) + 1).trim() : method),
  );
}

function replies(flag: string, values: readonly string[]): Term | null {
  if (values.length === 0) return null;
  const ranges = statusRanges(values, flag);
  return ofSip(flag, values, statusCondition(ranges), true, ({ kind, method }) => kind === REPLY && isInRanges(Number(method), ranges));
}

function addresses(values: readonly string[]): Term | null {
  if (values.length === 0) return null;
  const networks = values.map((value): Network => {
    const network = parseAnyNetwork(value.replace(/^\[(.*)\]$/, '$1'));
    if (typeof network === 'string') throw new UsageError(`invalid --ip '${value}': expected an address or a network such as 10.0.0.0/8`);
    return network;
  });
  const isHost = networks.every(({ bytes, bits }) => bits === bytes.length * 8);
  const spellings = isHost ? networks.flatMap(({ bytes }) => addressSpellings(bytes)) : [];
  const condition = isHost
    ? anyOf((['sourceAddress', 'destinationAddress'] as const).map((field): Condition => ({ kind: 'is', field, values: spellings })))
    : null;
  const isWanted = (address: string) => networks.some((network) => isWithin(network, address));
  const known = new Map<string, boolean>();
  const matches = (address: string) => {
    let found = known.get(address);
    if (found !== undefined) return found;
    if (known.size > 10_000) known.clear();
    found = isWanted(address);
    known.set(address, found);
    return found;
  };
  return {
    text: textOf('--ip', values),
    condition,
    isExact: isHost,
    passes: ({ message }) => matches(message.sourceAddress) || matches(message.destinationAddress),
  };
}

/** The notations of an address: OpenSIPS writes IPv6 in upper case with all its groups. */
export function addressSpellings(bytes: Buffer): string[] {
  if (bytes.length === 4) return [bytes.join('.')];
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return [ipv6Text(bytes, 0), groups.join(':').toUpperCase(), groups.join(':')];
}

/** The notations of an address; null for other text. */
export function spellingsOf(text: string): string[] | null {
  const bytes = parseAddress(text);
  return bytes === null ? null : addressSpellings(bytes);
}

/** Case-insensitive regular expressions, as with `=~`. */
function patterns(flag: string, values: readonly string[], read: (subject: Subject) => string): Term | null {
  if (values.length === 0) return null;
  const tests = values.map((value) => {
    // Plain text uses the JavaScript engine's own search, which is many times faster.
    if (LITERAL.test(value)) {
      const literal = new RegExp(value, 'i');
      return (text: string) => literal.test(text);
    }
    const pattern = compilePattern(value);
    if (typeof pattern === 'string') throw new UsageError(`invalid ${flag} '${value}': ${pattern}`);
    return (text: string) => pattern.test(text);
  });
  const isPlain = values.every((value) => /^[\x20-\x7e]*$/.test(value));
  return {
    text: textOf(flag, values),
    condition: null,
    isExact: false,
    passes: (subject) => {
      const text = read(subject);
      const wanted = isPlain ? text : Buffer.from(text, 'latin1').toString();
      return tests.some((test) => test(wanted));
    },
  };
}

function ofSip(
  flag: string,
  values: readonly string[],
  condition: Condition | null,
  isExact: boolean,
  test: (sip: SipFields) => boolean,
): Term | null {
  if (values.length === 0) return null;
  return {
    text: textOf(flag, values),
    condition,
    isExact,
    passes: (subject) => {
      const sip = subject.sip();
      return sip !== null && test(sip);
    },
  };
}

function textOf(flag: string, values: readonly string[]): string {
  return values.map((value) => `${flag} ${value}`).join(' ');
}
