/** The readers of what comes from the network or a capture file. */
import { AddressTextCache, Ledger, accountingErrors, isFault, systemClock, type Frame, type Message } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { MediaWatch } from '../../src/lib/extract/media-watch.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import { readerFor, sniff } from '../../src/lib/format/index.js';
import {
  EditablePacket,
  HepDecoder,
  HepFramer,
  decompressHepDatagram,
  describeChunk,
  listChunks,
  listChunks12,
  notHep,
} from '../../src/lib/hep/index.js';
import { MediaFramer, rtpPayloadAt } from '../../src/lib/media/index.js';
import { MessageRows } from '../../src/lib/pipeline/output/message-rows.js';
import { BatchRows } from '../../src/lib/sink/batch/batch-rows.js';
import * as sip from '../../src/lib/sip/index.js';
import { hep3, pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { COMPOSITES } from '../decode/composites.js';
import * as make from '../rigs/frames.js';
import { hepMessage, options } from '../rigs/messages.js';
import * as rtcp from '../rigs/rtcp.js';
import { FORTH, INVITE, rtp, sdp } from '../rigs/rtp.js';
import { tortureMessages } from '../sip/torture-messages.js';
import type { Reader } from './reader.js';
import { KINDS, random, segments, stream } from './streams.js';

const AT = 1_700_000_000_000_000;
const PEER = { peerAddress: '127.0.0.9', peerPort: 33_000, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' } as const;
const text = (lines: readonly string[]) => Buffer.from(lines.join('\r\n'));

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const SIP_SEEDS = () => [...tortureMessages.map(({ payload }) => payload), ...(sipMessages(12) as Buffer[])];
const HEP_SEEDS = () => [
  ...(sipMessages(6) as Buffer[]).map((message, i) => hep3(message, i) as Buffer),
  Buffer.concat([Buffer.from([1, 16, 2, 17, 0x13, 0xc4, 0x13, 0xc4, 127, 0, 0, 1, 127, 0, 0, 2]), options('one')]),
  Buffer.concat([
    Buffer.from([2, 28, 2, 17, 0x13, 0xc4, 0x13, 0xc4, 127, 0, 0, 1, 127, 0, 0, 2, 0x80, 0x3b, 0x55, 0x65, 0, 0, 0, 1, 0, 1, 0, 0]),
    options('two'),
  ]),
];

const captureFile: Reader = {
  name: 'capture files',
  seeds: () => [pcapFile(sipMessages(3)) as Buffer, pcapngSeed()],
  read(bytes) {
    const reader = readerFor(sniff(bytes));
    if (reader === null) return;
    const frame: Frame = { linkType: 0, bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
    const half = bytes.length >> 1;
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
      if (reader.broken !== null) break;
      reader.push(Buffer.from(part));
      while (reader.next(frame)) check(frame.from <= frame.to && frame.to <= frame.bytes.length, 'a frame outside the file');
    }
    reader.end();
  },
};

/** A section with an interface and two packets. */
function pcapngSeed(): Buffer {
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(padded.length + 12, 4);
    return Buffer.concat([head, padded, head.subarray(4)]);
  };
  const section = Buffer.alloc(16, 0xff);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt32LE(1, 4);
  const bytes = make.ethernet(make.ETHER_IPV4, make.udpPacket({}, options('pcapng')));
  const packet = Buffer.alloc(20);
  packet.writeUInt32LE(bytes.length, 12);
  packet.writeUInt32LE(bytes.length, 16);
  const interfaceBody = Buffer.from([1, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
  const simple = Buffer.alloc(4);
  simple.writeUInt32LE(bytes.length, 0);
  return Buffer.concat([
    block(0x0a0d0d0a, section),
    block(1, interfaceBody),
    block(6, Buffer.concat([packet, bytes])),
    block(3, Buffer.concat([simple, bytes])),
  ]);
}

/** Inputs hold frames one after the other, each behind a byte of link type and two of length. */
function frames(name: string, seeds: () => readonly { linkType: number; bytes: Buffer }[][]): Reader {
  const packed = (list: readonly { linkType: number; bytes: Buffer }[]) =>
    Buffer.concat(list.flatMap(({ linkType, bytes }) => [Buffer.from([linkType, bytes.length >> 8, bytes.length & 255]), bytes]));
  return {
    name,
    seeds: () => seeds().map(packed),
    read(input) {
      const ledger = new Ledger();
      const media = new MediaWatch({ guess: true, reports: true, limits: { maxStreams: 8, maxUnknown: 4 } });
      const preparer = new MessagePreparer(new Ledger());
      const extractor = new FrameExtractor(
        { ports: [], keepFrames: (input.length & 1) === 0, parseHep: true, rtcp: new RtcpWatch(), media },
        ledger,
        () => '',
        (message) => {
          if (message.payloadType === 1) preparer.sip(message);
          return ledger.delivered++ >= 0;
        },
      );
      let number = 0;
      for (let at = 0; at + 3 <= input.length;) {
        const to = Math.min(input.length, at + 3 + input.readUInt16BE(at + 1));
        const capturedAt = AT + ++number * 20_000;
        extractor.frame({
          linkType: input[at],
          bytes: input,
          from: at + 3,
          to,
          originalLength: to - at - 3,
          capturedAt,
          number,
          sourceIndex: 0,
        });
        at = to;
      }
      extractor.finish();
      const errors = accountingErrors(ledger, []);
      check(errors.length === 0 && ledger.stream.held === 0, `${errors.join('; ')}, ${ledger.stream.held} bytes held`);
    },
  };
}

const ether = (packet: Buffer) => ({ linkType: 1, bytes: make.ethernet(make.ETHER_IPV4, packet) });
const layers = frames('layers', () => COMPOSITES.filter(({ linkType }) => linkType < 256).map((frame) => [frame]));
const fragments = frames('fragments', () => [
  make.ipv4Fragments({ source: '127.3.0.1', id: 1 }, make.udp({}, options('pieces', 600)), 200).map(ether),
  [false, true].map((last) =>
    ether(
      make.ipv4(
        { source: '127.3.0.2', protocol: make.IP_SCTP },
        make.sctp(
          { tag: 1 },
          make.sctpData({ transmission: 7, first: !last, last }, options('sctp').subarray(last ? 90 : 0, last ? 400 : 90)),
        ),
      ),
    ),
  ),
]);
const streams = frames('streams', () =>
  KINDS.map((kind, i) =>
    segments(stream(kind, random(i + 1)).bytes.subarray(0, 1500), random(i + 9)).map(({ bytes }) => ({ linkType: 1, bytes })),
  ),
);
const media = frames('RTP', () => [
  [
    make.udpPacket(
      FORTH,
      Buffer.from(
        `${INVITE}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: r\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n${sdp(FORTH)}`,
      ),
    ),
    ...[1, 2, 4, 3, 9].map((sequence) => make.udpPacket(FORTH, rtp({ sequence, timestamp: sequence * 160, payload: Buffer.alloc(20) }))),
    make.udpPacket({ ...FORTH, sourcePort: 4001, destinationPort: 6001 }, rtcp.senderReport(0x1234, 1, 2, [rtcp.plainBlock])),
  ].map(ether),
]);

const hepDatagrams: Reader = {
  name: 'HEP datagrams',
  seeds: HEP_SEEDS,
  read(bytes) {
    const message = hepDecoder.decode(bytes, 0, bytes.length, AT, PEER);
    notHep(bytes, 0, bytes.length);
    decompressHepDatagram(bytes, 0, bytes.length, 100_000);
    const chunks = bytes[0] === 1 || bytes[0] === 2 ? listChunks12(bytes, AT) : listChunks(bytes);
    if (!isFault(chunks)) for (const chunk of chunks) describeChunk(chunk);
    EditablePacket.read(bytes, AT);
    if (isFault(message) || message === null) return;
    check(message.payload.length <= 200_000, 'a payload larger than allowed');
    written(message);
  },
};
const hepDecoder = new HepDecoder({ addressTexts: new AddressTextCache(), maxDecompressedBytes: 100_000 });
const preparer = new MessagePreparer(new Ledger());
const rows = new MessageRows(
  {
    table: 'sip_capture',
    reportTable: 'rtcp_capture',
    reportShape: 'homer5',
    captureNode: 'n',
    shape: 'homer5',
    dataHeaders: [],
    alegHeaders: [],
    customFields: ['', '', ''],
    tableTime: 'packet',
    localDate: false,
  },
  systemClock,
  false,
);

/** As a row. */
function written(message: Message): void {
  if (message.payloadType === 1) preparer.sip(message);
  new BatchRows().add(message, rows);
}

const hepStreams: Reader = {
  name: 'HEP streams',
  seeds: () => [Buffer.concat(HEP_SEEDS().slice(0, 3)), Buffer.concat([Buffer.from('junk'), ...HEP_SEEDS().slice(0, 2)])],
  read(bytes) {
    const whole: number[] = [];
    const pieces: number[] = [];
    for (const [found, size] of [
      [whole, bytes.length + 1],
      [pieces, 1 + (bytes.length % 97)],
    ] as const) {
      const framer = new HepFramer();
      for (let at = 0; at < bytes.length; at += size)
        if (
          framer.push(
            Buffer.from(bytes.subarray(at, at + size)),
            0,
            Math.min(size, bytes.length - at),
            (_, from, to) => void found.push(to - from),
          ) === 'close'
        )
          break;
      check(framer.heldBytes <= 70_000, `${framer.heldBytes} bytes held`);
    }
    check(String(whole) === String(pieces), `packets of ${String(pieces)} bytes in pieces, of ${String(whole)} as a whole`);
  },
};

const sipMessage: Reader = {
  name: 'SIP',
  seeds: SIP_SEEDS,
  read(bytes) {
    const fields = sip.parseSip(bytes);
    sip.callIdIn(bytes);
    sip.couldBecomeSip(bytes, 0, bytes.length);
    check(isFault(fields) !== sip.looksLikeSip(bytes, 0, bytes.length), 'the parser and the quick look disagree');
    if (isFault(fields)) return;
    check(fields.bodyAt <= bytes.length, 'the body begins outside');
    for (const name of ['Via', 'Contact', 'Diversion', 'X-RTP-Stat']) sip.headerValues(fields, name);
    sip.sdpOf(fields, bytes);
    preparer.sip(hepMessage({ payload: bytes }));
  },
};

/** Without a length in the head a piece of the stream ends the message: how it is split may matter. */
const sipStream: Reader = {
  name: 'SIP streams',
  seeds: () => [Buffer.concat(SIP_SEEDS().slice(0, 3)), stream('SIP', random(4)).bytes.subarray(0, 2000)],
  read(bytes) {
    for (const size of [bytes.length + 1, 1 + (bytes.length % 61)]) {
      let found = 0;
      const framer = new sip.SipFramer((payload) => void (found += payload.length));
      for (let at = 0; at < bytes.length; at += size)
        framer.push(Buffer.from(bytes.subarray(at, at + size)), 0, Math.min(size, bytes.length - at));
      framer.end();
      check(
        framer.heldBytes === 0 && found <= bytes.length,
        `${found} bytes of messages in ${bytes.length}, ${framer.heldBytes} held at the end`,
      );
    }
  },
};

const sdpReader: Reader = {
  name: 'SDP',
  seeds: () => [
    Buffer.from(sdp(FORTH)),
    text([
      'v=0',
      'o=- 1 1 IN IP6 ::1',
      's=-',
      'c=IN IP6 ff02::1/3',
      't=0 0',
      'a=ice-lite',
      'm=audio 4000/2 RTP/SAVPF 0 96',
      'c=IN IP4 224.2.1.1/127/3',
      'a=rtpmap:96 opus/48000/2',
      'a=rtcp:5000 IN IP4 10.0.0.1',
      'a=rtcp-mux',
      'a=ptime:20',
      'a=sendonly',
      'm=image 7000 udptl t38',
      'a=T38FaxVersion:0',
      'm=video 0 RTP/AVP 31',
      '',
    ]),
  ],
  read(bytes) {
    for (const { port } of sip.readSdp(bytes.toString('latin1'))) check(port >= 0 && port <= 65_535, `port ${port}`);
  },
};

const rtcpReader: Reader = {
  name: 'RTCP',
  seeds: () => [
    Buffer.concat([
      rtcp.senderReport(1, 2, 3, [rtcp.plainBlock]),
      rtcp.sourceDescription(1, [
        [1, 'a@b'],
        [8, 'x'],
      ]),
      rtcp.goodbye(1, 'end'),
    ]),
    rtcp.receiverReport(1, [rtcp.plainBlock, rtcp.plainBlock]),
    Buffer.concat([
      rtcp.receiverReport(1, []),
      rtcp.extendedReport(
        1,
        rtcp.xrBlock(7, 0, Buffer.alloc(32, 3)),
        rtcp.xrBlock(4, 0, Buffer.alloc(8)),
        rtcp.xrBlock(6, 0xe0, Buffer.alloc(36)),
      ),
    ]),
  ],
  read(bytes) {
    sip.looksEncrypted(bytes, 0, bytes.length);
    if (!sip.looksLikeRtcp(bytes, 0, bytes.length)) return;
    const compound = sip.decodeRtcp(bytes, 0, bytes.length);
    JSON.stringify(sip.homerJson(compound));
  },
};

const rtpFramer: Reader = {
  name: 'RTP over TCP',
  seeds: () => {
    const packet = rtp({ sequence: 1, timestamp: 160, payload: Buffer.alloc(20) });
    return [
      Buffer.concat([Buffer.from([0, packet.length]), packet, Buffer.from([0, packet.length]), packet]),
      Buffer.concat([Buffer.from([0x24, 0, 0, packet.length]), packet]),
    ];
  },
  read(bytes) {
    rtpPayloadAt(bytes, 0, bytes.length);
    const framer = new MediaFramer((_, from, to) => check(from <= to, 'a packet of negative length'));
    for (let at = 0; at < bytes.length; at += 50) framer.push(Buffer.from(bytes.subarray(at, at + 50)), 0, Math.min(50, bytes.length - at));
    check(framer.heldBytes <= 70_000, `${framer.heldBytes} bytes held`);
  },
};

export const PACKET_READERS: readonly Reader[] = [
  captureFile,
  layers,
  fragments,
  streams,
  media,
  hepDatagrams,
  hepStreams,
  sipMessage,
  sipStream,
  sdpReader,
  rtcpReader,
  rtpFramer,
];
