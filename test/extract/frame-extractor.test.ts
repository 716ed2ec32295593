/** Frames in, messages out, and a ledger that balances. */
import { describe, expect, test } from '@jest/globals';
import { Ledger, accountingErrors, type Frame, type Message, type Position } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { PositionTracker } from '../../src/lib/pipeline/output/position-tracker.js';
import { options } from '../rigs/messages.js';
import { ETHER_IPV4, IP_UDP, ethernet, frame, ipv4Fragments, snap, udp } from '../rigs/frames.js';
import { plain } from '../rigs/hep-packets.js';
import { Conversation, hear, udpFrame, webSocketFrame, UPGRADE } from '../rigs/conversation.js';

const SIP = options('one', 20);

function numbered(frames: Frame[]): Frame[] {
  return frames.map((one, i) => ({ ...one, number: i + 1, capturedAt: 1_700_000_000_000_000 + i }));
}

const fragmented = (payload: Buffer) =>
  ipv4Fragments({ protocol: IP_UDP, id: 77 }, udp({}, payload), 160).map((packet) => frame(ethernet(ETHER_IPV4, packet)));

describe('a message', () => {
  test('has endpoints and time, and its payload is not copied', () => {
    const one = udpFrame(SIP, { number: 7, capturedAt: 1_700_000_000_000_042 }, { sourcePort: 5062, destinationPort: 5063 });
    const [message] = hear([one]).messages;
    expect(message).toMatchObject({
      capturedAt: 1_700_000_000_000_042,
      sourceAddress: '127.0.0.1',
      sourcePort: 5062,
      destinationAddress: '127.0.0.2',
      destinationPort: 5063,
      protocol: 17,
      family: 2,
      payloadType: 1,
      captureId: -1,
      vlan: -1,
      outerSource: '',
      frameNumber: 7,
      envelope: null,
      sip: null,
      frames: [],
    });
    expect(message.payload.equals(SIP)).toBe(true);
    expect(message.payload.buffer).toBe(one.bytes.buffer);
  });

  test('has the number of the frame that completed it, and keeps its frames if requested', () => {
    const frames = numbered([...fragmented(SIP), udpFrame(SIP)]);
    expect(frames.length).toBeGreaterThan(2);
    const { messages } = hear(frames, { keepFrames: true });
    expect(messages.map(({ frameNumber, frames: own }) => [frameNumber, own.map(({ number }) => number)])).toEqual([
      [frames.length - 1, frames.slice(0, -1).map(({ number }) => number)],
      [frames.length, [frames.length]],
    ]);
  });

  test('is found on every port, or on the selected ports, at either end', () => {
    const frames = [
      udpFrame(SIP, {}, { sourcePort: 1, destinationPort: 5070 }),
      udpFrame(SIP, {}, { sourcePort: 5065, destinationPort: 2 }),
      udpFrame(SIP, {}, { sourcePort: 3, destinationPort: 4 }),
    ];
    expect(hear(frames).texts).toHaveLength(3);
    const { messages, ledger } = hear(frames, { ports: [{ first: 5060, last: 5070 }] });
    expect(messages.map(({ sourcePort }) => sourcePort)).toEqual([1, 5065]);
    expect([ledger.filtered.toJSON(), ledger.found, accountingErrors(ledger, [])]).toEqual([{ port: 1 }, 3, []]);
  });

  test('cut by the snap length is counted', () => {
    const { texts, notes } = hear([snap(udpFrame(SIP), 100)]);
    expect(texts).toEqual([SIP.toString().slice(0, 100 - 42)]);
    expect(notes).toEqual({ cut_by_snap_length: 1, cut: 1 });
  });
});

describe('HEP in frames', () => {
  test('is decoded if enabled, with the frames that carried it', () => {
    const { messages } = hear([udpFrame(plain(), { number: 3 })], { parseHep: true, keepFrames: true });
    expect(messages).toMatchObject([
      {
        sourceAddress: '127.1.1.1',
        captureId: 2001,
        frameNumber: 3,
        frames: [{ number: 3 }],
        envelope: { peerAddress: '127.0.0.1', transport: 'udp' },
      },
    ]);
  });

  test('is counted and ignored if not enabled', () => {
    const { messages, ledger, notes } = hear([udpFrame(plain())]);
    expect([messages, ledger.without.toJSON(), notes]).toEqual([[], { hep_not_parsed: 1 }, { hep_not_parsed: 1 }]);
  });

  test('that is malformed is rejected with its reason', () => {
    const { messages, ledger } = hear([udpFrame(plain({ 15: null }))], { parseHep: true });
    expect(messages).toEqual([]);
    expect([ledger.found, ledger.complete, ledger.rejected.toJSON(), accountingErrors(ledger, [])]).toEqual([1, 1, { no_payload: 1 }, []]);
  });
});

test('every frame is in the ledger once: with a message, part of one, or without one and why', () => {
  const talk = new Conversation().open().client(SIP, 60).close();
  const others = [
    udpFrame('no sip at all'),
    frame(ethernet(0x0806, Buffer.alloc(28))),
    frame(Buffer.alloc(3)),
    frame(Buffer.alloc(60), { linkType: 999 }),
  ];
  const frames = numbered([...talk.frames, ...fragmented(SIP), ...others]);
  const { ledger } = hear(frames);
  expect(accountingErrors(ledger, [])).toEqual([]);
  expect(ledger).toMatchObject({
    received: frames.length,
    complete: 2,
    found: 2,
    delivered: 2,
    part: Math.ceil(SIP.length / 60) - 1 + fragmented(SIP).length - 1,
  });
  expect(ledger.without.toJSON()).toEqual({ no_sip: 5, unknown_protocol: 1, too_short: 1, unknown_link_type: 1 });
  expect(ledger.bytes).toBe(frames.reduce((sum, { from, to }) => sum + to - from, 0));
  expect([ledger.firstAt, ledger.lastAt]).toEqual([frames[0].capturedAt, frames[frames.length - 1].capturedAt]);
});

test('the earliest and latest frame times are reported, in any order of arrival', () => {
  const { ledger } = hear([50, 20, 90, 60].map((capturedAt) => udpFrame(SIP, { capturedAt })));
  expect([ledger.firstAt, ledger.lastAt]).toEqual([20, 90]);
});

test('a full sink is signalled for that frame only, not for later ones', () => {
  let room = true;
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false },
    new Ledger(),
    () => '',
    () => room,
  );
  const answers = [true, false, true].map((next) => {
    room = next;
    return pipeline.frame(udpFrame(SIP));
  });
  expect([...answers, pipeline.frame(udpFrame('nothing'))]).toEqual([true, false, true, true]);
});

test('accept is called with file, place in the frame, and whether only the end of the input released the message', () => {
  const asked: unknown[][] = [];
  const ledger = new Ledger();
  const delivered: Message[] = [];
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false },
    ledger,
    (message, ...rest) => {
      asked.push([message.frameNumber, ...rest]);
      return rest[1] !== 2 ? '' : 'already_stored';
    },
    (message) => delivered.push(message) > 0,
  );
  const talk = new Conversation()
    .open()
    .client(Buffer.concat([SIP, SIP, SIP]))
    .lose('client', 9)
    .client(SIP);
  for (const one of talk.frames) pipeline.frame({ ...one, sourceIndex: 4 });
  pipeline.finish();
  expect(asked).toEqual([
    [3, 4, 1, false],
    [3, 4, 2, false],
    [3, 4, 3, false],
    [4, 4, expect.any(Number), true],
  ]);
  expect([delivered.length, ledger.filtered.toJSON(), ledger.found]).toEqual([3, { already_stored: 1 }, 4]);
});

describe('growing files and killed runs', () => {
  /** UDP, fragments, SIP and WebSocket streams; one lost bytes, one has a segment late. */
  function capture(): { frames: Frame[]; sent: string[] } {
    let count = 0;
    const sent: string[] = [];
    const sip = (bodyBytes = 10) => {
      const bytes = options(`call-${++count}`, bodyBytes);
      sent.push(bytes.toString('latin1'));
      return bytes;
    };
    const lists: Frame[][] = [];
    const late = new Conversation(40_001)
      .open()
      .client(sip(), 100)
      .client(Buffer.concat([sip(), sip()]), 150)
      .client(sip(300))
      .client(sip());
    late.frames.splice(7, 0, ...late.frames.splice(4, 1));
    lists.push(late.frames);
    lists.push(new Conversation(40_002).open().client(sip()).lose('client', 33).client(sip()).client(sip(), 70).frames);
    lists.push(
      new Conversation(40_003).open().client(UPGRADE).client(webSocketFrame(sip(), true), 130).client(webSocketFrame(sip(), true)).close()
        .frames,
    );
    lists.push([...fragmented(sip()), udpFrame(sip()), udpFrame(sip(0)), udpFrame('nothing')]);
    const frames: Frame[] = [];
    for (let i = 0; lists.some((list) => i < list.length); i++) for (const list of lists) if (i < list.length) frames.push(list[i]);
    const inFile = [0, 0];
    return {
      // Rotated from one file to another in the middle of everything.
      frames: frames.map((one, i) => {
        const sourceIndex = i < frames.length / 2 ? 0 : 1;
        return { ...one, sourceIndex, number: ++inFile[sourceIndex], capturedAt: 1_700_000_000_000_000 + i };
      }),
      sent,
    };
  }

  const { frames, sent } = capture();

  class Import {
    readonly rows: string[] = [];
    readonly stored = new Map<string, Position>();

    /** Reads the available frames, commits after every `batch` messages; a killed run loses what it has not committed. */
    run(there: number, killed: boolean, batch: number): void {
      const read = [0, 0];
      const waiting: string[] = [];
      const tracker = new PositionTracker(
        ['0', '1'].map((stream) => ({ stream, resume: this.stored.get(stream) ?? null })),
        (file) => ({ head: `${file}`, frame: read[file], bytes: 0, digest: '' }),
      );
      const commit = () => {
        this.rows.push(...waiting.splice(0));
        for (const { stream, position } of tracker.positions()) this.stored.set(stream, JSON.parse(position) as Position);
      };
      const pipeline = new FrameExtractor(
        { ports: [], keepFrames: false, parseHep: false },
        new Ledger(),
        (...message) => (tracker.accept(...message) ? '' : 'already_stored'),
        ({ payload }) => {
          if (waiting.push(payload.toString('latin1')) >= batch) commit();
          return true;
        },
      );
      for (const one of frames.slice(0, there)) {
        read[one.sourceIndex] = one.number;
        pipeline.frame(one);
      }
      if (killed) return;
      pipeline.finish();
      if (waiting.length > 0) commit();
    }

    /** The rows of complete messages; a message cut by the end of a file is a separate one. */
    get whole(): string[] {
      expect(this.rows.filter((row) => !sent.some((text) => text.startsWith(row)))).toEqual([]);
      return this.rows.filter((row) => sent.includes(row)).sort();
    }
  }

  test('read in one run, every message is stored', () => {
    const whole = new Import();
    whole.run(frames.length, false, 100);
    expect([...whole.rows].sort()).toEqual([...sent].sort());
  });

  test.each([1, 2, 3])('cut or killed anywhere, twice, with %d messages per transaction: each message exactly once', (batch) => {
    for (let first = 0; first <= frames.length; first++) {
      for (let second = first; second <= frames.length; second += 3) {
        for (const killed of [false, true]) {
          const imported = new Import();
          imported.run(first, killed, batch);
          imported.run(second, !killed, batch);
          imported.run(frames.length, false, batch);
          imported.run(frames.length, false, batch);
          expect({ first, second, killed, rows: imported.whole }).toEqual({ first, second, killed, rows: [...sent].sort() });
        }
      }
    }
  });
});
