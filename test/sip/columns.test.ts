import { describe, expect, test } from '@jest/globals';
import { Counters, NO_FRAMES, PAYLOAD_RTCP, PAYLOAD_SIP, isFault, type ColumnValue, type Message } from '../../src/lib/base/index.js';
import { DateText, NodeText, SIP_CAPTURE_COLUMNS, cut, sipCaptureRow, type RowContext } from '../../src/lib/row/index.js';
import { parseSip } from '../../src/lib/sip/parse.js';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, reportRow, reportRowHomer6 } from '../../src/lib/row/index.js';
import { goldenRequest, plainHeaders, plainRequest, sipBytes } from '../rigs/sip.js';

function messageOf(payload: Buffer, changes: Partial<Message> = {}): Message {
  const sip = parseSip(payload);
  return {
    capturedAt: 1_700_000_000_123_456,
    sourceAddress: '10.1.1.1',
    sourcePort: 5060,
    destinationAddress: '2001:db8::2',
    destinationPort: 5080,
    protocol: 17,
    family: 2,
    payloadType: PAYLOAD_SIP,
    payload,
    captureId: 2001,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: isFault(sip) ? null : sip,
    frames: NO_FRAMES,
    ...changes,
  };
}

function contextOf(changes: Partial<RowContext> = {}): RowContext {
  return {
    captureNode: 'homer01',
    customField1: '',
    customField2: '',
    customField3: '',
    cuts: new Counters(),
    dates: new DateText(),
    nodes: new NodeText(),
    ...changes,
  };
}

function rowOf(message: Message, context = contextOf()): Record<string, ColumnValue> {
  const values: ColumnValue[] = [];
  sipCaptureRow(message, context, values);
  expect(values).toHaveLength(SIP_CAPTURE_COLUMNS.length);
  return Object.fromEntries(values.map((value, i) => [SIP_CAPTURE_COLUMNS[i].name, value]));
}

test('the columns are the 43 in INSERT order, and diversion', () => {
  expect(SIP_CAPTURE_COLUMNS.map((column) => column.name).join(' ')).toBe(
    'date micro_ts method reply_reason ruri ruri_user from_user from_tag to_user to_tag pid_user contact_user auth_user callid callid_aleg ' +
      'via_1 via_1_branch cseq reason content_type auth user_agent source_ip source_port destination_ip destination_port contact_ip contact_port ' +
      'originator_ip originator_port proto family rtp_stat type node correlation_id from_domain to_domain ruri_domain msg ' +
      'custom_field1 custom_field2 custom_field3 diversion',
  );
});

test('the golden row', () => {
  const payload = goldenRequest();
  const context = contextOf({ customField1: 'one', customField2: 'two', customField3: 'three' });
  expect(rowOf(messageOf(payload, { correlationId: 'corr-1' }), context)).toEqual({
    date: '2023-11-14 22:13:20',
    micro_ts: 1_700_000_000_123_456,
    method: 'INVITE',
    reply_reason: '',
    ruri: 'sip:bob:secret@example.com:5061;user=phone',
    ruri_user: 'bob',
    ruri_domain: 'example.com',
    from_user: 'alice',
    from_domain: 'a.example',
    from_tag: 'ft1',
    to_user: 'bob',
    to_domain: 'b.example',
    to_tag: '',
    pid_user: '+123',
    contact_user: 'alice',
    auth_user: 'auser',
    auth: 'Digest realm="r, s", username="auser@realm", uri="sip:example.com", response="0"',
    callid: 'golden-1@a.example',
    callid_aleg: 'aleg-1',
    via_1: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone;rport, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKtwo',
    via_1_branch: 'z9hG4bKone',
    cseq: '1 INVITE',
    reason: 'SIP;cause=200;text="Call completed elsewhere"',
    content_type: 'application/sdp',
    user_agent: 'Golden Phone 1.0',
    source_ip: '10.1.1.1',
    source_port: 5060,
    destination_ip: '2001:db8::2',
    destination_port: 5080,
    contact_ip: '10.1.1.1',
    contact_port: 5062,
    originator_ip: '192.0.2.5',
    originator_port: 5099,
    proto: 17,
    family: 2,
    rtp_stat: 'PS=1',
    type: 1,
    node: 'homer01:2001',
    correlation_id: 'corr-1',
    msg: payload,
    custom_field1: 'one',
    custom_field2: 'two',
    custom_field3: 'three',
    diversion: '<sip:div1@d.example>;reason=unconditional',
  });
  expect(context.cuts.total()).toBe(0);
});

test('a reply', () => {
  const row = rowOf(messageOf(sipBytes('SIP/2.0 486 Busy Here Now', plainHeaders('INVITE')), { captureId: -1 }));
  expect(row).toMatchObject({
    method: '486',
    reply_reason: 'Busy Here Now',
    ruri: '',
    ruri_user: '',
    ruri_domain: '',
    type: 2,
    node: 'homer01',
  });
});

test('an agent id is unsigned, 0 is valid', () => {
  expect(rowOf(messageOf(plainRequest(), { captureId: 4_294_967_295 })).node).toBe('homer01:4294967295');
  expect(rowOf(messageOf(plainRequest(), { captureId: 0 })).node).toBe('homer01:0');
});

describe('columns and rows', () => {
  const long = 'y'.repeat(3000);
  const message = messageOf(plainRequest(), { correlationId: long });
  for (const [name, value] of Object.entries(message.sip!)) if (typeof value === 'string') Object.assign(message.sip!, { [name]: long });
  const context = contextOf({ captureNode: long, customField1: long, customField2: long, customField3: long });
  const row = rowOf(message, context);

  test.each(SIP_CAPTURE_COLUMNS.map((column) => [column.name, column] as const))('%s has its type and width', (name, column) => {
    const value = row[name];
    if (column.kind === 'integer') expect(typeof value).toBe('number');
    else if (column.kind === 'bytes') expect(value).toBeInstanceOf(Buffer);
    else if (column.kind === 'time') expect(value).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    else if (name.endsWith('_ip') && name !== 'contact_ip' && name !== 'originator_ip')
      expect((value as string).length).toBeLessThanOrEqual(column.width);
    else {
      expect(value).toHaveLength(column.width);
      expect(context.cuts.get(`cut_${name}`)).toBe(1);
    }
  });
});

describe('text cut to its column', () => {
  test.each([
    ['abc', 3, 'abc', 0],
    ['abcd', 3, 'abc', 1],
    ['a😀b', 2, 'a😀', 1],
    ['😀😀', 2, '😀😀', 0],
    ['😀😀😀', 2, '😀😀', 1],
    ['', 0, '', 0],
  ])('%s to %i', (value, width, expected, count) => {
    const cuts = new Counters();
    expect(cut(value, { name: 'x', width }, cuts)).toBe(expected);
    expect(cuts.get('cut_x')).toBe(count);
  });
});

describe('dates', () => {
  test.each([
    [0, '1970-01-01 00:00:00', 0],
    [1_700_000_000_999_999, '2023-11-14 22:13:20', 0],
    [253_402_300_799_000_000, '9999-12-31 23:59:59', 0],
    [253_402_300_800_000_000, '9999-12-31 23:59:59', 1],
    [1e18, '9999-12-31 23:59:59', 1],
    [-1, '1970-01-01 00:00:00', 1],
  ])('%d', (microseconds, expected, clamped) => {
    const counters = new Counters();
    expect(new DateText().at(microseconds, counters)).toBe(expected);
    expect(counters.get('clamped_date')).toBe(clamped);
  });

  test('a cached second is not used for another', () => {
    const dates = new DateText();
    const counters = new Counters();
    expect([1e15, 1e15 + 999_999, 1e15 + 1e6].map((at) => dates.at(at, counters).slice(-2))).toEqual(['40', '40', '41']);
  });
});

describe('report rows', () => {
  const payload = Buffer.from('{"EVENT":"hangup","x":1}');
  const message = messageOf(payload, { payloadType: PAYLOAD_RTCP, correlationId: 'chunk-id', protocol: 6, family: 10 });

  test('Homer 5: 12 columns', () => {
    const values: ColumnValue[] = [];
    reportRow(message, 'call-1', 5, contextOf(), values);
    expect(REPORT_COLUMNS.map((column) => column.name)).toEqual([
      'date',
      'micro_ts',
      'correlation_id',
      'source_ip',
      'source_port',
      'destination_ip',
      'destination_port',
      'proto',
      'family',
      'type',
      'node',
      'msg',
    ]);
    expect(values).toEqual([
      '2023-11-14 22:13:20',
      1_700_000_000_123_456,
      'call-1',
      '10.1.1.1',
      5060,
      '2001:db8::2',
      5080,
      6,
      10,
      5,
      'homer01:2001',
      payload,
    ]);
  });

  test('Homer 6: 17 columns', () => {
    const values: ColumnValue[] = [];
    const envelope = {
      version: 3,
      bytes: payload,
      peerAddress: '',
      peerPort: 0,
      localAddress: '127.0.0.1',
      localPort: 9060,
      transport: 'udp' as const,
      isIdentified: false,
    };
    reportRowHomer6({ ...message, envelope }, 'call-1', 5, contextOf(), values);
    expect(REPORT_COLUMNS_HOMER6.map((column) => column.name)).toEqual([
      'tss',
      'tsu',
      'transaction_id',
      'source_ip',
      'source_port',
      'destination_ip',
      'destination_port',
      'proto',
      'family',
      'type',
      'node',
      'data',
      'payload_len',
      'correlation_id',
      'capture_ip',
      'capt_id',
      'event',
    ]);
    expect(values).toEqual([
      '2023-11-14 22:13:20',
      123_456,
      'call-1',
      '10.1.1.1',
      5060,
      '2001:db8::2',
      5080,
      6,
      10,
      5,
      'homer01',
      payload,
      payload.length,
      'chunk-id',
      '127.0.0.1',
      2001,
      'hangup',
    ]);
  });

  test.each([
    ['no JSON', 'plain text'],
    ['half JSON', '{"Event":'],
    ['an event that is no text', '{"Event":7}'],
    ['a list', '["Event"]'],
    ['null', 'null'],
    ['nothing', ''],
  ])('%s has no event', (_caption, text) => {
    const values: ColumnValue[] = [];
    reportRowHomer6({ ...message, payload: Buffer.from(text), captureId: -1 }, '', 100, contextOf(), values);
    expect(values.slice(-3)).toEqual(['', 0, '']);
  });
});
