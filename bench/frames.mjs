/** Frames to datagrams: Ethernet, IPv4 and UDP down to the payload, against reading the same fields with nothing around. */
import { FrameDecoder } from '../dist/lib/decode/index.js';
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
