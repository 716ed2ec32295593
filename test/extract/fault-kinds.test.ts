/** Kinds of faults in streams, built by hand: other data hides no message, and none is invented. */
import { constants, createDeflateRaw } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { accountingErrors } from '../../src/lib/base/index.js';
import { Conversation, UPGRADE, hear, webSocketFrame, type Heard } from '../rigs/conversation.js';
import { options } from '../rigs/messages.js';

const callIds = ({ messages }: Heard) => messages.map(({ payload }) => /^Call-ID: (.*)\r$/m.exec(payload.toString('latin1'))?.[1]);

function heard(talk: Conversation): Heard {
  const result = hear(talk.frames);
  expect(accountingErrors(result.ledger, [])).toEqual([]);
  expect(result.ledger.stream.held).toBe(0);
  return result;
}

const open = () => new Conversation().open();

/** Version 2 (section 2.2): signature, version and command, family, length 12, two addresses and ports. */
const PROXY_2 = Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from('2111000c7f0000017f00000213c413c4', 'hex')]);

describe('a PROXY header', () => {
  test.each([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 40000 5060\r\n')],
    ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n')],
    ['version 2', PROXY_2],
  ])('%s before SIP, in one segment and in many', (_, header) => {
    const bytes = Buffer.concat([header, options('one'), options('two')]);
    for (const segmentBytes of [1400, 1, 7, header.length, header.length + 3]) {
      const result = heard(open().client(bytes, segmentBytes));
      expect(callIds(result)).toEqual(['one', 'two']);
      expect(result.ledger.stream.framed).toBe(bytes.length);
    }
  });

  test('before HEP and WebSocket', () => {
    expect(callIds(heard(open().client(Buffer.concat([PROXY_2, Buffer.from(UPGRADE), webSocketFrame(options('one'), true)]))))).toEqual([
      'one',
    ]);
  });

  test('without an end is not a PROXY header', () => {
    const result = heard(
      open()
        .client(`PROXY ${'x'.repeat(200)}\r\n`)
        .client(options('one')),
    );
    expect(callIds(result)).toEqual(['one']);
  });
});

describe('WebSocket that keeps its compression window', () => {
  async function compressed(names: readonly string[]): Promise<Buffer[]> {
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const texts: Buffer[] = [];
    for (const name of names) {
      deflate.write(options(name, 50));
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      texts.push(Buffer.from(deflate.read() as Buffer).subarray(0, -4));
    }
    return texts;
  }

  test('is read completely', async () => {
    const frames = (await compressed(['a', 'b', 'c', 'd'])).map((text) => webSocketFrame(text, true, 0xc1));
    expect(callIds(heard(frames.reduce((talk, bytes) => talk.client(bytes), open().client(UPGRADE))))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('after a lost frame no text is corrupted: data that depends on lost bytes is counted as lost, plain frames are read', async () => {
    const [a, b, c, d] = (await compressed(['a', 'b', 'c', 'd'])).map((text) => webSocketFrame(text, true, 0xc1));
    const talk = open()
      .client(UPGRADE)
      .client(a)
      .lose('client', b.length)
      .client(c)
      .client(d)
      .client(webSocketFrame(options('plain'), true));
    const result = heard(talk);
    const found = callIds(result);
    expect(found[0]).toBe('a');
    expect(found[found.length - 1]).toBe('plain');
    const sent = ['a', 'c', 'd', 'plain'].map((name) => options(name, name === 'plain' ? 0 : 50).toString('latin1'));
    expect(result.texts.filter((text) => !sent.includes(text))).toEqual([]);
    const lost = result.ledger.lost.total();
    expect(found.length + lost).toBeGreaterThanOrEqual(4);
  });

  test('a message beyond the limit does not corrupt the next', async () => {
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const texts: Buffer[] = [];
    for (const sip of [options('large', 1_200_000), options('small')]) {
      deflate.write(sip);
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      texts.push(Buffer.from(deflate.read() as Buffer).subarray(0, -4));
    }
    const talk = open().client(UPGRADE);
    for (const text of texts) talk.client(webSocketFrame(text, true, 0xc1));
    const result = heard(talk);
    expect(result.texts.filter((text) => text !== options('small').toString('latin1'))).toEqual([]);
    expect(result.ledger.lost.total()).toBeGreaterThan(0);
  });
});

test('a stream that long carried only media is not ignored: SIP at the start of a segment is found', () => {
  const talk = open();
  for (let i = 0; i < 100; i++) talk.client(Buffer.alloc(1400, 0x80 + (i % 100)));
  talk.client(options('one')).client(Buffer.alloc(1400, 0x80)).client(options('two'));
  const result = heard(talk);
  expect(callIds(result)).toEqual(['one', 'two']);
  expect(result.ledger.stream.skipped).toBe(101 * 1400);
});

test('frames of a lost message count as partial, not as without SIP', () => {
  const sip = options('big', 60_000);
  const talk = open().client(sip.subarray(0, 1400)).lose('client', 1400).client(sip.subarray(2800)).client(options('after'));
  const result = heard(talk);
  expect(callIds(result)).toEqual(['big', 'after']);
  expect(result.ledger.without.toJSON()).toEqual({ no_sip: 2 });
  expect(result.ledger.part + result.ledger.complete).toBe(talk.frames.length - 2);
});
