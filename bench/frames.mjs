/**
 * Frames to datagrams: Ethernet, IPv4 and UDP down to the payload, against reading the same fields with nothing around. And
 * media over TCP, examined in every segment, against a receiver that ignores it.
 */
import { Ledger } from '../dist/lib/base/index.js';
import { FrameDecoder } from '../dist/lib/decode/index.js';
import { FrameExtractor } from '../dist/lib/extract/frame-extractor.js';
import { frame, sipMessages } from './corpus.mjs';
import { compare, line } from './measure.mjs';

export async function run() {
  const frames = sipMessages(4900).map(frame);
  let payloadBytes = 0;
  const decoder = new FrameDecoder({
    datagram(packet) {
      payloadBytes += packet.to - packet.from;
    },
    stream: () => null,
  });
  const record = { linkType: 1, bytes: frames[0], from: 0, to: 0, originalLength: 0, capturedAt: 1.7e15, number: 0, sourceIndex: 0 };
  const decode = (bytes) => {
    record.bytes = bytes;
    record.to = bytes.length;
    record.originalLength = bytes.length;
    record.number++;
    decoder.decode(record);
  };
  const times = 50;
  const work = (name, one) => ({
    name,
    items: frames.length * times,
    run: () => {
      for (let i = 0; i < times; i++) for (const item of frames) one(item);
    },
  });
  const best = compare([work('bare', bareFields), work('decode', decode)]);
  if (payloadBytes === 0) throw new Error('nothing was decoded');
  line('bare read of the same header fields', `${best.get('bare').toFixed(0)} ns a frame`);
  line(
    'frame to UDP payload',
    `${best.get('decode').toFixed(0)} ns, ${(best.get('decode') / best.get('bare')).toFixed(1)} times the bare read; ${(1000 / best.get('decode')).toFixed(1)} million frames/s`,
    { ns: best.get('decode') },
  );
  await mediaRun();
}

/** RFC 4571: RTP in TCP, many connections, 172 bytes a packet. */
function mediaOverTcp() {
  const segments = [];
  const sent = new Uint32Array(CONNECTIONS);
  for (let i = 0; i < SEGMENTS; i++) {
    const connection = i % CONNECTIONS;
    const payload = Buffer.alloc(1376);
    for (let at = 0; at < payload.length; at += 172) {
      payload.writeUInt16BE(170, at);
      payload.writeUInt32BE(0x80080000 + (i & 0xffff), at + 2);
      for (let k = at + 14; k < at + 172; k++) payload[k] = (k * 7 + i * 13) & 0xff;
    }
    const bytes = Buffer.alloc(54 + payload.length);
    bytes.writeUInt16BE(0x0800, 12);
    bytes[14] = 0x45;
    bytes.writeUInt16BE(40 + payload.length, 16);
    bytes[23] = 6;
    bytes.writeUInt32BE(0x7f000001 + connection, 26);
    bytes.writeUInt32BE(0x7f010001, 30);
    bytes.writeUInt16BE(20_000 + connection, 34);
    bytes.writeUInt16BE(9000, 36);
    bytes.writeUInt32BE(1 + sent[connection], 38);
    sent[connection] += payload.length;
    bytes[46] = 0x50;
    bytes[47] = 0x18;
    bytes.writeUInt16BE(0xffff, 48);
    payload.copy(bytes, 54);
    segments.push(bytes);
  }
  return segments;
}

const CONNECTIONS = 20;
const SEGMENTS = 4000;
const LAPS = 10;

/** Every lap continues where the previous one ended. */
function laps(segments, take) {
  const advance = (SEGMENTS / CONNECTIONS) * 1376;
  const record = { linkType: 1, bytes: segments[0], from: 0, to: 0, originalLength: 0, capturedAt: 1.7e15, number: 0, sourceIndex: 0 };
  for (let lap = 0; lap < LAPS; lap++) {
    for (const bytes of segments) {
      record.bytes = bytes;
      record.to = record.originalLength = bytes.length;
      record.number++;
      record.capturedAt += 10;
      take(record);
      bytes.writeUInt32BE((bytes.readUInt32BE(38) + advance) >>> 0, 38);
    }
  }
}

export async function mediaRun() {
  const [wantedSegments, ignoredSegments] = [mediaOverTcp(), mediaOverTcp()];
  const options = { ports: [], keepFrames: false, parseHep: false };
  const extractor = new FrameExtractor(
    options,
    new Ledger(),
    () => '',
    () => true,
  );
  const ignoring = new FrameDecoder({ datagram() {}, stream: () => ({ push: () => false, gap() {}, end() {} }) });
  const items = SEGMENTS * LAPS;
  const best = compare([
    { name: 'ignored', items, run: () => laps(ignoredSegments, (frame) => ignoring.decode(frame)) },
    { name: 'looked at', items, run: () => laps(wantedSegments, (frame) => extractor.frame(frame)) },
  ]);
  line('media over TCP, ignored for ever', `${best.get('ignored').toFixed(0)} ns a segment`, { ns: best.get('ignored') });
  line(
    'the same, each segment looked at',
    `${best.get('looked at').toFixed(0)} ns, ${(best.get('looked at') / best.get('ignored')).toFixed(2)} times (extractor included)`,
    { ns: best.get('looked at') },
  );
}

export let sum = 0;
function bareFields(bytes) {
  if (((bytes[12] << 8) | bytes[13]) !== 0x0800 || bytes[23] !== 17) return;
  const udp = 14 + (bytes[14] & 15) * 4;
  sum +=
    ((bytes[udp] << 8) | bytes[udp + 1]) +
    ((bytes[udp + 2] << 8) | bytes[udp + 3]) +
    ((bytes[udp + 4] << 8) | bytes[udp + 5]) +
    bytes[26] +
    bytes[30];
}
