/** `-w`: the written file reads back to the same messages, times and order, whatever carried them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { constants, createDeflateRaw } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { silentLog, type Frame, type Message } from '../../src/lib/base/index.js';
import { CaptureFileSink } from '../../src/lib/sink/capture-file/capture-file-sink.js';
import { readMessages } from '../oracle/read-messages.js';
import { capturesAbsent, captures } from '../oracle/tshark-rows.js';
import { shape, writtenAndRead } from '../fuzz/fuzzers.js';
import { Conversation, UPGRADE, hear, udpFrame, webSocketFrame } from '../rigs/conversation.js';
import * as make from '../rigs/frames.js';
import { options } from '../rigs/messages.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipcap-written-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function write(path: string, messages: readonly Message[]): Promise<void> {
  const sink = new CaptureFileSink({ path, stdout: new PassThrough(), log: silentLog, onClosed: () => {} });
  for (const message of messages) sink.accept(message);
  await sink.close();
  expect(sink.counts()).toMatchObject({ written: messages.length, lost: 0, refused: 0 });
}

const START = 1_700_000_000_000_000;

/** Frames in order, one millisecond apart. */
function numbered(...frames: Frame[]): Frame[] {
  return frames.map((frame, i) => ({ ...frame, number: i + 1, capturedAt: START + i * 1000, nanoseconds: -1 }));
}

async function expectSame(frames: readonly Frame[], texts: number): Promise<void> {
  const [source, read] = await writtenAndRead(frames, { parseHep: true });
  expect(source.texts.length).toBe(texts);
  expect(read.messages.map(shape)).toEqual(source.messages.map(shape));
}

describe('reads back', () => {
  const talk = () => new Conversation().open();

  test('WebSocket without its upgrade, compressed with context takeover', async () => {
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const compressed: Buffer[] = [];
    for (const name of ['a', 'b', 'c']) {
      deflate.write(options(name, 50));
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      compressed.push(Buffer.concat([deflate.read() as Buffer]).subarray(0, -4));
    }
    const { frames } = compressed.reduce((so, text) => so.client(webSocketFrame(text, true, 0xc1)), talk().client(UPGRADE));
    await expectSame(numbered(...frames), 3);
  });

  test('a WebSocket message shorter than its Content-Length, and the one after it', async () => {
    const short = options('short', 50).subarray(0, -20);
    await expectSame(
      numbered(
        ...talk()
          .client(UPGRADE)
          .client(webSocketFrame(short, true))
          .client(webSocketFrame(options('b'), true)).frames,
      ),
      2,
    );
  });

  test('reordered segments, in the order in which they were captured', async () => {
    const { frames } = talk().client(options('a', 3000), 500);
    const mixed = numbered(frames[0], frames[2], frames[5], frames[4], frames[3], ...frames.slice(6));
    const { messages } = hear(mixed, { keepFrames: true });
    await write(join(folder, 'reordered.pcap'), messages);
    const times: number[] = [];
    await readMessages([join(folder, 'reordered.pcap')], {}, (frame) => times.push(frame.capturedAt));
    expect(times.length).toBeGreaterThan(5);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await expectSame(mixed, 1);
  });

  test('a message completed later than others that began after it', async () => {
    const { frames } = talk().client(options('slow', 3000), 500);
    const other = [udpFrame(options('one')), udpFrame(options('two'))];
    await expectSame(numbered(...frames.slice(0, 4), other[0], ...frames.slice(4, 6), other[1], ...frames.slice(6)), 3);
  });

  test('keep-alives between messages, a lost segment, and the acknowledgements that reveal it', async () => {
    const to = { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5060, destinationPort: 40_000, flags: 'A', sequence: 5001 };
    const sip = options('cut', 900);
    const so = talk()
      .client(options('a'))
      .client('\r\n\r\n')
      .client(sip.subarray(0, 700))
      .lose('client', sip.length - 700)
      .client(options('b'));
    const acknowledgement = 1001 + options('a').length + 4 + sip.length;
    const bare = make.frame(make.ethernet(make.ETHER_IPV4, make.tcpPacket({ ...to, acknowledgement })));
    const noise = make.frame(
      make.ethernet(make.ETHER_IPV4, make.udpPacket({ sourcePort: 4000, destinationPort: 4002 }, Buffer.alloc(60, 0x80))),
    );
    const frames = numbered(...so.frames, bare, ...Array.from({ length: 20 }, () => noise), udpFrame(options('later')));
    for (const frame of frames.slice(-3)) frame.capturedAt += 2_000_000;
    await expectSame(frames, 4);
  });

  test('a message cut where its connection goes on after a late segment, with frames of another connection between', async () => {
    const sip = options('a', 400);
    const body = Buffer.alloc(300, 'b');
    // The capture begins behind the message's beginning, which comes late.
    const late = (position: number, bytes: Buffer) => new Conversation().lose('client', position).client(bytes).frames;
    const frames = [...late(500, body), ...late(200, sip.subarray(0, 300)), ...new Conversation(40_001).client('other').frames];
    await expectSame(numbered(...frames, ...late(800, body), udpFrame(options('later'))), 2);
  });

  test('a datagram whose last fragment never arrived', async () => {
    const packets = make.ipv4Fragments({ id: 9 }, make.udp({}, options('pieces', 2000)), 800).slice(0, -1);
    const frames = numbered(
      ...packets.map((packet) => make.frame(make.ethernet(make.ETHER_IPV4, packet))),
      udpFrame(options('a')),
      udpFrame(options('b')),
    );
    frames[frames.length - 1].capturedAt += 40_000_000;
    await expectSame(frames, 3);
  });
});

describe('reads back what was given up because time went on', () => {
  const firstFragment = () => {
    const [first] = make.ipv4Fragments({ id: 9 }, make.udp({}, options('pieces', 2000)), 800);
    return make.frame(make.ethernet(make.ETHER_IPV4, first));
  };
  const webSocket = (...parts: Buffer[]) => parts.reduce((so, part) => so.client(part), new Conversation().open().client(UPGRADE));
  /** The frames in order, those from `at` on later by as many seconds. */
  const paused = (at: number, seconds: number, frames: readonly Frame[]) =>
    numbered(...frames).map((frame, i) => (i < at ? frame : { ...frame, capturedAt: frame.capturedAt + seconds * 1e6 }));

  test('a WebSocket message whose segment is the first frame afterwards is read once', async () => {
    const { frames } = new Conversation().client(Buffer.concat([Buffer.from(UPGRADE), webSocketFrame(options('a'), true)]));
    await expectSame(paused(1, 40, [firstFragment(), ...frames]), 2);
  });

  test('segments of WebSocket do not mix with the messages written as plain SIP', async () => {
    const [a, cut] = [webSocketFrame(options('a'), true), webSocketFrame(options('cut', 900), true).subarray(0, 800)];
    // Numbered as the written messages are.
    const talk = new Conversation().lose('client', -1000).client(UPGRADE).client(a).client(cut, 400);
    const frames = [firstFragment(), ...talk.frames];
    await expectSame(paused(frames.length - 1, 40, frames), 3);
  });

  test('messages without frames of their own come before those that the same frame releases', async () => {
    const sip = new Conversation(40_001).client(options('sip', 900).subarray(0, 700)).frames;
    const { frames } = webSocket()
      .lose('client', 9)
      .client(webSocketFrame(options('behind a hole'), true));
    const list = paused(1 + frames.length + sip.length, 400, [firstFragment(), ...sip, ...frames, udpFrame('nothing')]);
    await expectSame(list, 3);
    const found = hear(list, { keepFrames: true }).texts.map((text) => /Call-ID: (.*)\r/.exec(text)?.[1]);
    expect(found).toEqual(['behind a hole', 'pieces', 'sip']);
  });

  test('a message that waited for minutes, behind a hole that the receiver denies, while others are under way', async () => {
    const to = { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5060, destinationPort: 40_000, flags: 'A', sequence: 5001 };
    const acknowledgement = 1001 + UPGRADE.length;
    const denial = make.frame(make.ethernet(make.ETHER_IPV4, make.tcpPacket({ ...to, acknowledgement })));
    const late = webSocket()
      .lose('client', 9)
      .client(webSocketFrame(options('late'), true)).frames;
    const x = options('x', 900);
    const at = (position: number, bytes: Buffer) => new Conversation(40_001).lose('client', position).client(bytes).frames;
    const frames = [
      ...paused(0, 101.2, [...late, denial]),
      ...paused(0, 401.5, [...at(0, x.subarray(0, 700)), ...at(x.length, options('y'))]),
      ...paused(0, 402, [udpFrame('nothing'), ...at(700, x.subarray(700))]),
    ];
    await expectSame(
      frames.map((frame, i) => ({ ...frame, number: i + 1 })),
      3,
    );
  });
});

test('messages released only at the end of the input are in time order, whatever held them, and read back so', async () => {
  const begun = (name: string) => options(name, 900).subarray(0, 700);
  const stream = (port: number, bytes: Buffer) => new Conversation(port).open().client(bytes).frames;
  const [first] = make.ipv4Fragments({ id: 9 }, make.udp({}, options('fragment', 2000)), 800);
  const chunk = make.sctpData({ transmission: 7, last: false }, begun('sctp'));
  const frames = numbered(
    ...new Conversation(40_003)
      .open()
      .client(UPGRADE)
      .client(webSocketFrame(options('websocket', 900), true).subarray(0, 800)).frames,
    ...stream(40_002, begun('tcp-1')),
    make.frame(make.ethernet(make.ETHER_IPV4, make.ipv4({ protocol: make.IP_SCTP }, make.sctp({ tag: 3 }, chunk)))),
    ...stream(40_001, begun('tcp-2')),
    make.frame(make.ethernet(make.ETHER_IPV4, first)),
    ...stream(40_004, begun('tcp-3')),
  );
  const found = hear(frames, { keepFrames: true }).texts.map((text) => /Call-ID: (.*)\r/.exec(text)?.[1]);
  expect(found).toEqual(['websocket', 'tcp-1', 'sctp', 'tcp-2', 'fragment', 'tcp-3']);
  await expectSame(frames, 6);
});

describe('nanoseconds', () => {
  const fine = numbered(udpFrame(options('a')), udpFrame(options('b'))).map((frame, i) => ({
    ...frame,
    nanoseconds: 7 + i,
    sourceIndex: 1,
  }));
  const times = async (file: string) => {
    const found: (number | undefined)[] = [];
    await readMessages([file], {}, (frame) => found.push(frame.nanoseconds));
    return found;
  };

  test.each(['fine.pcap', 'fine.pcapng'])('stay in %s', async (name) => {
    await write(join(folder, name), hear(fine, { keepFrames: true }).messages);
    expect(await times(join(folder, name))).toEqual([7, 8]);
  });

  test('turn a microsecond file into pcapng', async () => {
    const coarse = numbered(udpFrame(options('c')));
    await write(join(folder, 'mixed.pcap'), [...hear(coarse, { keepFrames: true }).messages, ...hear(fine, { keepFrames: true }).messages]);
    expect(await times(join(folder, 'mixed.pcap'))).toEqual([-1, 7, 8]);
  });
});

if (capturesAbsent) {
  test.skip('the shared captures are absent: none of them is written and read back', () => {});
} else {
  const all = ['files', 'senders', 'faults'].flatMap((folder) =>
    readdirSync(join(captures, folder))
      .filter((file) => /\.pcap(ng)?(\.gz)?$/.test(file))
      .map((file) => join(folder, file)),
  );
  test.each(all)('%s', async (file) => {
    const source = await readMessages([join(captures, file)], { keepFrames: true, parseHep: true });
    const path = join(folder, 'again.pcap');
    await write(path, source.messages);
    const read = await readMessages([path], { parseHep: true });
    expect(read.messages.map(shape)).toEqual(source.messages.map(shape));
  });
}
