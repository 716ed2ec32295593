/** Filters: the effect of flags on messages, and the part evaluated by a database. */
import { describe, expect, test } from '@jest/globals';
import { Ledger, UsageError, silentLog, type Message } from '../../../src/lib/base/index.js';
import { MessagePreparer } from '../../../src/lib/extract/prepare-message.js';
import { NO_FILTER, readFilter, type FilterOptions } from '../../../src/lib/script/filter/index.js';
import { hepMessage } from '../../rigs/messages.js';

const NOW = Date.UTC(2026, 10, 25, 10) * 1000;
const context = { clock: { now: () => NOW, monotonic: () => 0 }, log: silentLog, stderr: { write: () => true } };

function sip(start: string, headers: Record<string, string> = {}): Message {
  const all = {
    Via: 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
    From: '"Alice" <sip:alice@a.example>;tag=f1',
    To: '<sip:+49301234567@b.example>',
    'Call-ID': 'call-1@a',
    CSeq: '1 INVITE',
    ...headers,
  };
  const text = [start, ...Object.entries(all).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return hepMessage({ payload: Buffer.from(text), sourceAddress: '10.0.0.1', destinationAddress: '2001:db8::1', capturedAt: NOW - 60e6 });
}

const invite = () => sip('INVITE sip:+49301234567@b.example SIP/2.0', { 'User-Agent': 'friendly-scanner' });
const busy = () => sip('SIP/2.0 486 Busy Here');
const log = () => hepMessage({ payloadType: 100, payload: Buffer.from('a log line'), capturedAt: NOW - 60e6 });

function filterOf(options: Partial<FilterOptions>) {
  return readFilter({ ...NO_FILTER, zone: 'UTC', ...options }, context)!;
}

function passes(options: Partial<FilterOptions>, message: Message): boolean {
  return filterOf(options).passes(message, new MessagePreparer(new Ledger()));
}

test('no options, no filter', () => {
  expect(readFilter(NO_FILTER, context)).toBeNull();
});

describe('--where', () => {
  test.each<[string, boolean, boolean]>([
    ['$fU == "alice"', true, true],
    ['$fU == "alice" && $rs >= 400', false, true],
    ['$ua =~ "^friendly"', true, false],
    // What a message does not have makes a comparison false, whatever the operator; `null` asks for it.
    ['$ua !~ "^friendly"', false, false],
    ['$ua != "x"', true, false],
    ['!($ua == "x")', true, true],
    ['$ua == null', false, true],
    ['$rs != null', false, true],
    ['$rs < 400', false, false],
    ['!($rs >= 400)', true, false],
    ['$rm == "INVITE"', true, true],
    ['$si == 10.0.0.0/8', true, true],
    ['$Ri != 10.0.0.0/8', true, true],
    ['is_method("BYE|INVITE")', true, true],
    ['is_present_hf("User-Agent")', true, false],
    ['$hdr(X-None) != "a"', false, false],
    ['$proto_type == 1', true, true],
    ['$(fU{s.len}) == 5', true, true],
  ])('%s', (where, ofInvite, ofBusy) => {
    expect([passes({ where }, invite()), passes({ where }, busy())]).toEqual([ofInvite, ofBusy]);
  });

  test('a comparison of text with a number is false, and does not end the run', () => {
    expect(passes({ where: '$fU > 5' }, invite())).toBe(false);
  });

  test.each<[string, RegExp]>([
    ['$fX == "alice"', /^--where:1:1: unknown variable \$fX\n {4}\$fX == "alice"\n {4}\^\^\^/],
    ['$fU = "alice"', /^--where:1:5: expected an operator.*'=='/s],
    ['$fU == alice bob', /--where:1:\d+: expected an operator or the end of the condition/],
    ['sip_capture()', /^--where:1:1: sip_capture\(\) cannot be used in a filter/],
    ['$var(x) == 1', /^--where:1:1: \$var has no value in a filter/],
    ['"$avp(x)" == 1', /\$avp has no value in a filter/],
    ['$ua =~ "("', /invalid pattern/],
    ['$fU == "a', /--where:1:/],
    ['   #', /expected a condition/],
  ])('%s is rejected with its position', (where, message) => {
    expect(() => filterOf({ where })).toThrow(UsageError);
    expect(() => filterOf({ where })).toThrow(message);
  });
});

describe('short flags', () => {
  test.each<[Partial<FilterOptions>, boolean, boolean]>([
    [{ sipUser: ['alice'] }, true, true],
    [{ sipUser: ['Alice'] }, false, false],
    [{ fromUser: ['bob', 'alice'] }, true, true],
    [{ toUser: ['alice'] }, false, false],
    [{ callId: ['call-1@a'] }, true, true],
    [{ callId: ['CALL-1@a'] }, false, false],
    [{ method: ['invite'] }, true, true],
    [{ method: ['BYE,ACK'] }, false, false],
    [{ status: ['4xx'] }, false, true],
    [{ reply: ['400-485'] }, false, false],
    [{ status: ['200,>=480'] }, false, true],
    [{ ip: ['10.0.0.0/8'] }, true, true],
    [{ ip: ['2001:DB8:0::1'] }, true, true],
    [{ ip: ['10.0.0.2'] }, false, false],
    [{ ua: ['^FRIENDLY'] }, true, false],
    [{ match: ['busy here'] }, false, true],
    [{ match: ['^SIP/2\\.0 4[0-9]+'] }, false, true],
    [{ fromUser: ['alice'], status: ['486'] }, false, true],
    [{ number: ['+49 30 1234567'] }, true, true],
    [{ number: ['0049301234567'] }, true, true],
    [{ number: ['0301234567'] }, true, true],
    [{ number: ['4567'] }, true, true],
    [{ number: ['4568'] }, false, false],
  ])('%j', (options, ofInvite, ofBusy) => {
    expect([passes(options, invite()), passes(options, busy())]).toEqual([ofInvite, ofBusy]);
  });

  test('a national number in the message matches an international one in the filter', () => {
    const national = sip('INVITE sip:030-1234567@b.example SIP/2.0', { To: '<sip:x@b>' });
    expect(passes({ number: ['+49301234567'] }, national)).toBe(true);
    expect(passes({ number: ['+49301234568'] }, national)).toBe(false);
    // An extension does not match the end of every number.
    expect(passes({ number: ['+49301234567'] }, sip('INVITE sip:567@b.example SIP/2.0', { To: '<sip:x@b>' }))).toBe(false);
  });

  test.each<[Partial<FilterOptions>, string]>([
    [{ status: ['9xx'] }, "invalid --status '9xx'"],
    [{ reply: ['40'] }, "invalid --reply '40'"],
    [{ status: ['500-400'] }, '--status'],
    [{ ip: ['10.0.0'] }, "invalid --ip '10.0.0'"],
    [{ match: ['('] }, "invalid --match '('"],
    [{ number: ['bob'] }, "invalid --number 'bob'"],
    [{ method: ['IN VITE'] }, '--method'],
    [{ last: '5' }, "invalid --last '5'"],
    [{ last: '1h', since: 'today' }, '--since and --last'],
    [{ since: 'now', until: 'today' }, '--until must be later'],
    [{ since: 'x', zone: 'Mars/Base' }, 'time zone'],
    [{ zone: 'Mars/Base' }, "unknown time zone 'Mars/Base'"],
    [{ method: ['INVITE'], zone: 'Mars/Base' }, "unknown time zone 'Mars/Base'"],
  ])('%j is rejected', (options, message) => {
    expect(() => filterOf(options)).toThrow(message);
  });

  test('times', () => {
    expect(passes({ since: '-2m' }, invite())).toBe(true);
    expect(passes({ last: '30s' }, invite())).toBe(false);
    expect(passes({ until: '09:59' }, invite())).toBe(false);
    expect(passes({ until: '2026-11-25 09:59:01' }, invite())).toBe(true);
  });
});

test('non-SIP packets pass if the condition names $proto_type, or with --keep-reports', () => {
  expect(passes({ fromUser: ['alice'] }, log())).toBe(false);
  expect(passes({ where: '$fU == "alice"' }, log())).toBe(false);
  expect(passes({ where: '$proto_type == 100' }, log())).toBe(true);
  expect(passes({ where: '$proto_type == 100' }, invite())).toBe(false);
  expect(passes({ where: '$proto_type == 100 || $fU == "alice"' }, invite())).toBe(true);
  expect(passes({ fromUser: ['alice'], keepReports: true }, log())).toBe(true);
  expect(passes({ last: '1s', keepReports: true }, log())).toBe(false);
});

describe('conditions in SQL', () => {
  const told = (options: Partial<FilterOptions>) => ({ condition: filterOf(options).query.condition, rest: filterOf(options).rest });

  test('flags with columns only', () => {
    expect(told({ fromUser: ['alice'], match: ['x'] })).toEqual({
      condition: { kind: 'is', field: 'fromUser', values: ['alice'] },
      rest: ['--match x'],
    });
    expect(told({ where: '$fU == "1000" && $ua =~ "x"' })).toMatchObject({
      condition: { kind: 'is', field: 'fromUser', values: ['1000'] },
      rest: ['--where \'$fU == "1000" && $ua =~ "x"\''],
    });
    expect(told({ where: '$rs >= 400' })).toEqual({
      condition: { kind: 'between', field: 'method', from: '400', to: '999' },
      rest: [],
    });
  });

  test('alternatives all or none', () => {
    expect(told({ where: '$fU == "1000" || $ua =~ "x"' }).condition).toBeNull();
    expect(told({ where: '!($fU == "1000")' }).condition).toBeNull();
    expect(told({ where: '$fU == "1000" || $tU == "1000"' }).condition).toMatchObject({ kind: 'any' });
    expect(told({ where: '$fU == 1000' }).condition).toBeNull();
  });

  test('times', () => {
    expect(filterOf({ last: '1h' }).query).toMatchObject({ since: NOW - 3600e6, until: null, condition: null });
  });
});

test('--whole-only drops SIP whose end is missing, and nothing else; under a counter of its own', () => {
  const cut = () => sip('INVITE sip:b@b SIP/2.0', { 'Content-Length': '9' });
  const filter = filterOf({ wholeOnly: true });
  const reader = new MessagePreparer(new Ledger());
  expect([cut(), invite(), busy(), log()].map((message) => filter.objection(message, reader))).toEqual(['cut', '', '', '']);
  expect([cut(), busy()].map((message) => filterOf({ wholeOnly: true, fromUser: ['bob'] }).objection(message, reader))).toEqual([
    'where',
    'where',
  ]);
  expect(filter.key).not.toBe(filterOf({ wholeOnly: true, keepReports: true, since: '-1h' }).key);
  expect(filterOf({ since: '-1h' }).key).not.toBe(filterOf({ since: '-1h', wholeOnly: true }).key);
});
