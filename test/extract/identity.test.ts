/** The identity of messages in capture files: their place, whatever the options and the files around them. */
import { expect, test } from '@jest/globals';
import { NO_SEQUENCE, type Frame, type Message } from '../../src/lib/base/index.js';
import { ETHER_IPV4, IP_UDP, ethernet, frame, ipv4Fragments, udp } from '../rigs/frames.js';
import { plain } from '../rigs/hep-packets.js';
import { Conversation, hear, udpFrame } from '../rigs/conversation.js';
import { options } from '../rigs/messages.js';

const STREAM = 0x0102030405060708n;
const SIP = 1;
const HEP = 2;
const numbered = (frames: Frame[], first = 1): Frame[] => frames.map((one, i) => ({ ...one, number: first + i }));
const placesOf = (messages: Message[]) =>
  messages.map(({ stream, sequence }) => {
    expect(stream).toBe(STREAM);
    return [Math.floor(sequence / 2 ** 20), Math.floor(sequence / 16) % 2 ** 16, sequence % 16];
  });
const found = (frames: Frame[], more = {}) => placesOf(hear(frames, { streams: [STREAM], ...more }).messages);

test('record number, offset of the last byte, kind', () => {
  const frames = numbered([udpFrame(options('a')), udpFrame(plain()), udpFrame(options('b', 10))]);
  const [a, hep, b] = frames.map(({ from, to }) => to - from);
  expect(found(frames, { parseHep: true })).toEqual([
    [1, a, SIP],
    [2, hep, HEP],
    [3, b, SIP],
  ]);
});

test('without streams there is none', () => {
  expect(hear([udpFrame(options('a'))]).messages).toMatchObject([{ stream: 0n, sequence: NO_SEQUENCE }]);
});

test('does not depend on what else is looked for, or left out', () => {
  const frames = numbered([udpFrame(options('a')), udpFrame(plain()), udpFrame(options('b', 10))]);
  const sip = found(frames);
  expect(found(frames, { parseHep: true }).filter(([, , kind]) => kind === SIP)).toEqual(sip);
  expect(found(frames, { keepFrames: true })).toEqual(sip);
});

test('of a fragmented datagram it is that of the fragment that completed it', () => {
  const parts = ipv4Fragments({ protocol: IP_UDP, id: 9 }, udp({}, options('f', 400)), 160).map((part) =>
    frame(ethernet(ETHER_IPV4, part)),
  );
  const frames = numbered(parts);
  expect(found(frames)).toHaveLength(1);
  expect(found(frames)[0][0]).toBe(frames.length);
});

test('in TCP it is the same with and without the segment before, and however the messages before it straddle segments', () => {
  const [one, two, three] = ['one', 'two', 'three'].map((name) => options(name, 30));
  const bytes = Buffer.concat([one, two, three]);
  const cut = one.length - 50;
  const { frames } = new Conversation().client(bytes.subarray(0, cut)).client(bytes.subarray(cut));
  const [head, tail] = numbered(frames, 7);
  const whole = found([head, tail]);
  expect(whole).toHaveLength(3);
  // `tail` alone: its first message is not found, the others are where they were.
  expect(found([tail])).toEqual(whole.slice(1));
  const size = tail.to - tail.from;
  expect(whole.map(([frameNumber, at]) => [frameNumber, size - at])).toEqual([
    [8, two.length + three.length],
    [8, three.length],
    [8, 0],
  ]);
});

test('segments out of order give each message a place of its own', () => {
  const talk = new Conversation().open();
  for (const name of ['one', 'two', 'six']) talk.client(options(name, 30));
  const [syn, answer, one, two, six] = talk.frames;
  const frames = numbered([syn, answer, one, six, two]);
  const places = found(frames);
  expect(places.map(([frameNumber]) => frameNumber)).toEqual([3, 5, 5]);
  expect(new Set(places.map(String)).size).toBe(3);
});
