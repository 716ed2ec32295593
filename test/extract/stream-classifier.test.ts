/** The protocol of a TCP direction, detected by its first bytes, and again after a loss. */
import { describe, expect, test } from '@jest/globals';
import { options } from '../rigs/messages.js';
import { plain } from '../rigs/hep-packets.js';
import { Conversation, SWITCHING, UPGRADE, hear, webSocketFrame } from '../rigs/conversation.js';

const SIP = ['one', 'two', 'three'].map((callId) => options(callId, 50));
const OTHERS = ['four', 'five'].map((callId) => options(callId, 200));
const text = (messages: Buffer[]) => messages.map((message) => message.toString('latin1'));
const REPLY = 'SIP/2.0 200 OK\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n';

describe.each([1400, 1, 2, 7, 100])('in segments of %d bytes', (segmentBytes) => {
  test('SIP in both directions', () => {
    const { frames } = new Conversation()
      .open()
      .client(Buffer.concat(SIP), segmentBytes)
      .server(Buffer.concat(OTHERS), segmentBytes)
      .close();
    expect(hear(frames).texts).toEqual([...text(SIP), ...text(OTHERS)]);
  });

  test('an upgrade to WebSocket, and SIP in both directions', () => {
    const talk = new Conversation(40_000, 443).open().client(UPGRADE, segmentBytes).server(SWITCHING, segmentBytes);
    for (const sip of SIP) talk.client(webSocketFrame(sip, true), segmentBytes);
    for (const sip of OTHERS) talk.server(webSocketFrame(sip, false), segmentBytes);
    const { messages, texts } = hear(talk.close().frames);
    expect(texts).toEqual([...text(SIP), ...text(OTHERS)]);
    expect(messages.map(({ sourcePort, protocol }) => [sourcePort, protocol])).toEqual([
      ...SIP.map(() => [40_000, 6]),
      ...OTHERS.map(() => [443, 6]),
    ]);
  });

  test('HEP3, without extracting the SIP inside', () => {
    const { frames } = new Conversation(40_000, 9060)
      .open()
      .client(Buffer.concat([plain(), plain(), plain()]), segmentBytes)
      .close();
    const heard = hear(frames, { parseHep: true });
    expect(heard.messages.map(({ sourceAddress, captureId, envelope }) => [sourceAddress, captureId, envelope?.transport])).toEqual(
      [1, 2, 3].map(() => ['127.1.1.1', 2001, 'tcp']),
    );
    expect(hear(frames)).toMatchObject({ messages: [], notes: { hep_not_parsed: 3 } });
  });

  test('a reply to HTTP is HTTP, whatever it looks like', () => {
    const { frames } = new Conversation(40_000, 80)
      .open()
      .client('GET / HTTP/1.1\r\nHost: a\r\n\r\n', segmentBytes)
      .server(REPLY + REPLY, segmentBytes)
      .close();
    expect(hear(frames).texts).toEqual([]);
  });

  test('a web page that contains SIP is HTTP', () => {
    const page = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${REPLY}${REPLY}`;
    expect(hear(new Conversation(40_000, 80).open().server(page, segmentBytes).close().frames).texts).toEqual([]);
  });
});

test('upgrade and first message in one segment', () => {
  const { frames } = new Conversation()
    .open()
    .client(Buffer.concat([Buffer.from(UPGRADE), webSocketFrame(SIP[0], true)]))
    .server(Buffer.concat([Buffer.from(SWITCHING), webSocketFrame(OTHERS[0], false)]))
    .close();
  expect(hear(frames).texts).toEqual(text([SIP[0], OTHERS[0]]));
});

test('a server that refuses the upgrade stays HTTP', () => {
  const { frames } = new Conversation().open().client(UPGRADE).server(`HTTP/1.1 400 Bad Request\r\n\r\n${REPLY}`).server(REPLY).close();
  expect(hear(frames).texts).toEqual([]);
});

test('a SIP method may be called GET', () => {
  const get = 'GET sip:b SIP/2.0\r\nContent-Length: 0\r\n\r\n';
  expect(hear(new Conversation().open().client(get).close().frames).texts).toEqual([get]);
});

test('WebSocket messages other than SIP are ignored', () => {
  const talk = new Conversation()
    .open()
    .client(UPGRADE)
    .client(webSocketFrame('{"json": 1}', true))
    .client(webSocketFrame(SIP[0], true))
    .client(webSocketFrame('', true, 0x89))
    .client(webSocketFrame(SIP[1], true));
  expect(hear(talk.frames).texts).toEqual(text(SIP.slice(0, 2)));
});

describe('a capture that starts mid-stream', () => {
  // The next start line is found where a line begins.
  const plainSip = ['one', 'two', 'three'].map((callId) => options(callId));

  test.each([0, 10, 200])('of a SIP message, %d bytes in', (missing) => {
    const { frames } = new Conversation().client(Buffer.concat(plainSip).subarray(missing)).close();
    expect(hear(frames).texts).toEqual(text(missing === 0 ? plainSip : plainSip.slice(1)));
  });

  test('of a WebSocket: both directions are found, also where a message takes several segments', () => {
    const talk = new Conversation();
    for (let i = 0; i < 2; i++) talk.client(webSocketFrame(SIP[i], true), 250).server(webSocketFrame(OTHERS[i], false), 250);
    expect(hear(talk.close().frames).texts).toEqual(text([SIP[0], OTHERS[0], SIP[1], OTHERS[1]]));
  });

  test('of a WebSocket frame: from the next one that begins a segment', () => {
    const talk = new Conversation()
      .client(webSocketFrame(SIP[0], true).subarray(40))
      .server(webSocketFrame(plainSip[0], false).subarray(40));
    talk.client(webSocketFrame(SIP[1], true)).server(webSocketFrame(OTHERS[1], false)).client(webSocketFrame(SIP[2], true), 100);
    expect(hear(talk.close().frames).texts).toEqual(text([SIP[1], OTHERS[1], SIP[2]]));
  });

  test('of a HEP packet: from the next one that begins a segment', () => {
    const { frames } = new Conversation().client(plain().subarray(30)).client(plain()).client(plain(), 20).close();
    expect(hear(frames, { parseHep: true }).messages).toHaveLength(2);
  });
});

describe('a stream that lost bytes', () => {
  test('of SIP: the message is truncated at the gap, the next one is found', () => {
    const talk = new Conversation()
      .open()
      .client(SIP[0])
      .client(SIP[1].subarray(0, 100))
      .lose('client', SIP[1].length - 100)
      .client(SIP[2])
      .close();
    const { texts, ledger } = hear(talk.frames);
    expect(texts).toEqual(text([SIP[0], SIP[2]]));
    expect([ledger.stream.missing, ledger.stream.lostInGaps, ledger.lost.toJSON()]).toEqual([
      SIP[1].length - 100,
      100,
      { message_lost_in_gap: 1 },
    ]);
  });

  test('of a WebSocket: the next frame that begins a segment is found', () => {
    const cut = webSocketFrame(SIP[1], true);
    const talk = new Conversation()
      .open()
      .client(UPGRADE)
      .server(SWITCHING)
      .client(webSocketFrame(SIP[0], true))
      .client(cut.subarray(0, 50))
      .lose('client', 60)
      .client(cut.subarray(110));
    talk
      .client(webSocketFrame(SIP[2], true))
      .server(webSocketFrame(OTHERS[0], false))
      .lose('server', 10)
      .server(webSocketFrame(OTHERS[1], false))
      .close();
    const { texts, ledger } = hear(talk.frames);
    expect([...texts].sort()).toEqual(text([SIP[0], SIP[2], ...OTHERS]).sort());
    expect(ledger.stream).toMatchObject({ missing: 70, lostInGaps: cut.length - 60 });
    expect(ledger.lost.toJSON()).toEqual({ message_lost_in_gap: 1 });
  });

  test('of HEP: it stays HEP, and the payload of a torn packet is not mistaken for SIP', () => {
    // The length of the payload chunk ends in a line feed: the payload seems to begin a line.
    const sip = options('torn', 0x20a - 6 - options('torn').length - 2);
    expect(sip.length + 6).toBe(0x20a);
    const torn = plain({ 15: sip.toString('latin1') });
    const talk = new Conversation(40_000, 9060)
      .open()
      .client(plain())
      .client(torn.subarray(0, 20))
      .lose('client', 10)
      .client(torn.subarray(30))
      .client(plain())
      .close();
    const { messages, ledger } = hear(talk.frames, { parseHep: true });
    expect(messages.map(({ sourceAddress }) => sourceAddress)).toEqual(['127.1.1.1', '127.1.1.1']);
    expect(ledger.stream).toMatchObject({ missing: 10, lostInGaps: torn.length - 10 });
    expect(ledger.lost.toJSON()).toEqual({ message_lost_in_gap: 1 });
  });
});

test('of HEP: SIP that identifies its call is delivered up to the gap, and up to the end of the stream', () => {
  const packet = plain({ 15: options('torn', 900).toString('latin1') });
  const held = packet.length - 700;
  const talk = new Conversation(40_000, 9060)
    .open()
    .client(packet.subarray(0, held))
    .lose('client', 300)
    .client(packet.subarray(held + 300))
    .client(plain())
    .client(packet.subarray(0, held))
    .close();
  const { messages, ledger, notes } = hear(talk.frames, { parseHep: true });
  const beginning = options('torn', 900).subarray(0, -700).toString('latin1');
  expect(messages.map(({ payload }) => payload.toString('latin1') === beginning)).toEqual([true, false, true]);
  expect(messages.map(({ sourceAddress }) => sourceAddress)).toEqual(['127.1.1.1', '127.1.1.1', '127.1.1.1']);
  // What it is relayed as can be read by itself.
  expect(messages[0].envelope!.bytes.length).toBe(held);
  expect(messages[0].envelope!.bytes.readUInt16BE(4)).toBe(held);
  expect(ledger.stream).toMatchObject({ missing: 300, lostInGaps: 400, givenUp: 0 });
  expect([ledger.lost.toJSON(), notes]).toEqual([{}, { cut: 2, stream_gap: 1 }]);
});

test.each(['\x01\x02', '\x02', '\x81'])('stray bytes %j at the start of a SIP segment are not a WebSocket frame', (stray) => {
  const talk = new Conversation()
    .open()
    .client(SIP[0])
    .client(Buffer.concat([Buffer.from(stray, 'latin1'), SIP[1]]))
    .client(SIP[2]);
  expect(hear(talk.close().frames).texts).toEqual(text(SIP));
});

test('a stream without SIP is searched line by line at first, then only at the start of each segment', () => {
  const junk = Buffer.alloc(200_000, 'just a line of text\n');
  const { ledger, texts } = hear(
    new Conversation()
      .open()
      .client(junk)
      .client(Buffer.concat([Buffer.from('behind a line\n'), SIP[0]]))
      .client(SIP[1])
      .client(Buffer.concat([Buffer.from('behind a line\n'), SIP[2]])).frames,
  );
  expect(texts).toEqual(text([SIP[1], SIP[2]]));
  expect(ledger.stream.skipped).toBe(junk.length + 14 + SIP[0].length + 14);
});

test('a stream that ends within a message: the known part, else a loss', () => {
  const cut = (bytes: Buffer, ...before: Buffer[]) => {
    const { ledger, texts, notes } = hear(
      new Conversation()
        .open()
        .client(Buffer.concat([...before, bytes]))
        .close().frames,
    );
    return { texts, lost: ledger.lost.toJSON(), notes };
  };
  const lost = { texts: [], lost: { message_unfinished: 1 }, notes: {} };
  const head = SIP[0].subarray(0, -10);
  expect(cut(SIP[0].subarray(0, 60))).toEqual(lost);
  expect(cut(head)).toEqual({ texts: text([head]), lost: {}, notes: { cut: 1 } });
  expect(cut(plain().subarray(0, 60))).toEqual(lost);
  expect(cut(webSocketFrame(SIP[0], true).subarray(0, -10), Buffer.from(UPGRADE))).toEqual({
    texts: text([head]),
    lost: {},
    notes: { cut: 1 },
  });
});

test('a broken WebSocket is counted', () => {
  const outcome = (bytes: Buffer) => {
    const { ledger, notes } = hear(new Conversation().open().client(UPGRADE).client(bytes).close().frames);
    return [notes, ledger.lost.toJSON()];
  };
  expect(outcome(webSocketFrame('no compressed text', true, 0xc1))).toEqual([{}, { decompress_failed: 1 }]);
  expect(outcome(webSocketFrame('reserved bits', true, 0xb1))).toEqual([{ websocket_corrupt: 1 }, {}]);
});

describe('the frames of a message', () => {
  const numbers = (talk: Conversation) =>
    hear(talk.frames, { keepFrames: true, parseHep: true }).messages.map(({ frames }) => frames.map(({ number }) => number));

  test.each<[string, Buffer]>([
    ['SIP', options('n', 40)],
    ['HEP', plain()],
  ])('%s: all frames since the previous message, whose last frame may contain the beginning', (_name, message) => {
    const talk = new Conversation()
      .client(message)
      .client(Buffer.concat([message, message]), 200)
      .server('\r\n')
      .client(message);
    const found = numbers(talk);
    expect(found[0]).toEqual([1]);
    for (const [i, frames] of found.entries()) {
      if (i === 0) continue;
      const last = found[i - 1][found[i - 1].length - 1];
      expect([last, last + 1]).toContain(frames[0]);
      expect(frames).toEqual(Array.from({ length: frames[frames.length - 1] - frames[0] + 1 }, (_, k) => frames[0] + k));
    }
    expect(found[found.length - 1].slice(-2)).toEqual([talk.frames.length - 1, talk.frames.length]);
  });

  test('over WebSocket there are none: they are unreadable without the upgrade and earlier messages', () => {
    const talk = new Conversation()
      .open()
      .client(UPGRADE)
      .client(webSocketFrame(options('a'), true));
    expect(numbers(talk)).toEqual([[]]);
  });

  test('the first message includes the handshake, the second the frames in between', () => {
    const talk = new Conversation().open().client(options('a')).client('\r\n\r\n').client('jaK').client(options('b'));
    expect(numbers(talk)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
});
