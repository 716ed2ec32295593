/**
 * RTP from a capture file: 1,000 calls of two streams each, with and without tracking the media. Without, it must cost
 * the same as before; with tracking, 300,000 packets per second on one core.
 */
import { Ledger } from '../dist/lib/base/index.js';
import { FrameExtractor } from '../dist/lib/extract/frame-extractor.js';
import { MediaWatch } from '../dist/lib/extract/media-watch.js';
import { pcapOf } from './corpus.mjs';
import { compare, line } from './measure.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CALLS = 1000;
const PACKETS = 300;
const START = 1.7e15;
const program = new URL('../bin/run.js', import.meta.url).pathname;

export async function run() {
  const frames = mediaFrames();
  const media = frames.length - CALLS;
  const record = { linkType: 1, bytes: frames[0].bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  const through = (watch) => {
    const extractor = new FrameExtractor(
      { ports: [], keepFrames: false, parseHep: false, media: watch },
      new Ledger(),
      () => '',
      () => true,
    );
    for (const { bytes, at } of frames) {
      record.bytes = bytes;
      record.to = record.originalLength = bytes.length;
      record.capturedAt = at;
      record.number++;
      extractor.frame(record);
    }
    if (watch !== undefined && watch.packets !== media) throw new Error(`${watch.packets} packets of ${media}`);
  };
  const best = compare(
    [
      { name: 'off', items: frames.length, run: () => through(undefined) },
      { name: 'on', items: frames.length, run: () => through(new MediaWatch({ guess: false })) },
    ],
    7,
  );
  const rate = (name) => Math.round(1e9 / best.get(name)).toLocaleString('en-US');
  line('frame with RTP, media off', `${best.get('off').toFixed(0)} ns`, { ns: best.get('off') });
  line('frame with RTP, media followed', `${best.get('on').toFixed(0)} ns, ${rate('on')}/s (target: 300,000/s)`, { ns: best.get('on') });
  fromFile(frames);
}

function fromFile(frames) {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const capture = join(folder, 'media.pcap');
  writeFileSync(capture, pcapOf(frames));
  for (const [name, args] of [
    ['call list', []],
    ['call list --media', ['--media']],
  ]) {
    const times = [];
    for (let round = 0; round < 3; round++) {
      const began = process.hrtime.bigint();
      const { status } = spawnSync(process.execPath, [program, 'call', 'list', '-r', capture, '--format', 'json', ...args], {
        stdio: 'ignore',
      });
      if (status !== 0) throw new Error(`${name}: exit code ${status}`);
      times.push(Number(process.hrtime.bigint() - began) / 1e9);
    }
    const seconds = Math.min(...times);
    line(name, `${Math.round(frames.length / seconds).toLocaleString('en-US')} packets/s of a file, start-up included`, {
      'packets/s': frames.length / seconds,
    });
  }
  rmSync(folder, { recursive: true });
}

/** The INVITE of each call, then the packets of all streams in order of arrival. */
function mediaFrames() {
  const frames = [];
  const address = (side, call) => [10, side, call >> 8, call & 255];
  for (let call = 0; call < CALLS; call++) {
    const ends = [address(1, call), address(2, call)];
    const sdp = `v=0\r\nc=IN IP4 ${ends[0].join('.')}\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n`;
    const invite = [
      'INVITE sip:b@b.example SIP/2.0',
      `Via: SIP/2.0/UDP ${ends[0].join('.')}:5060;branch=z9hG4bK${call}`,
      `From: <sip:a@a.example>;tag=${call}`,
      'To: <sip:b@b.example>',
      `Call-ID: ${call}@bench`,
      'CSeq: 1 INVITE',
      'Content-Type: application/sdp',
      `Content-Length: ${sdp.length}`,
      '',
      sdp,
    ].join('\r\n');
    frames.push({ bytes: udp(ends[0], ends[1], 5060, 5060, Buffer.from(invite)), at: START + call });
  }
  const rtp = Buffer.alloc(172, 0xd5);
  rtp[0] = 0x80;
  for (let i = 0; i < PACKETS; i++)
    for (let call = 0; call < CALLS; call++)
      for (const side of [0, 1]) {
        rtp[1] = i === 0 ? 0x88 : 8;
        rtp.writeUInt16BE(i, 2);
        rtp.writeUInt32BE(i * 160, 4);
        rtp.writeUInt32BE(call * 2 + side, 8);
        const ends = side === 0 ? [address(1, call), address(2, call)] : [address(2, call), address(1, call)];
        frames.push({ bytes: udp(ends[0], ends[1], 4000, 4000, rtp), at: START + 1e6 + i * 20_000 + call * 10 + side });
      }
  return frames;
}

function udp(source, destination, sourcePort, destinationPort, payload) {
  const bytes = Buffer.alloc(42 + payload.length);
  bytes.writeUInt16BE(0x0800, 12);
  bytes[14] = 0x45;
  bytes.writeUInt16BE(28 + payload.length, 16);
  bytes[22] = 64;
  bytes[23] = 17;
  Buffer.from(source).copy(bytes, 26);
  Buffer.from(destination).copy(bytes, 30);
  bytes.writeUInt16BE(sourcePort, 34);
  bytes.writeUInt16BE(destinationPort, 36);
  bytes.writeUInt16BE(8 + payload.length, 38);
  payload.copy(bytes, 42);
  return bytes;
}
