/**
 * The fuzzers, each a function that creates and checks one case from a stream of random numbers: it throws if anything is
 * wrong. `share` is its part of a run of all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { Ledger, PAYLOAD_SIP, accountingErrors, keepFrame, silentLog, type Frame, type Message } from '../../src/lib/base/index.js';
import { CaptureFiles } from '../../src/lib/capture/file/index.js';
import { FrameExtractor, type FrameExtractorOptions } from '../../src/lib/extract/frame-extractor.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import { PcapWriter, PcapngWriter, readerFor, sniff, type CaptureWriter } from '../../src/lib/format/index.js';
import { CaptureFileSink } from '../../src/lib/sink/capture-file/capture-file-sink.js';
import { hear, type Heard } from '../rigs/conversation.js';
import { PACKET_READERS } from './packet-readers.js';
import { fuzzerOf, type Reader } from './reader.js';
import { KINDS, segments, stream, type Next } from './streams.js';
import { TEXT_READERS } from './text-readers.js';
import { anyFrame, damaged, traffic } from './traffic.js';

export interface Fuzzer {
  readonly name: string;
  readonly share: number;
  run(next: Next): void | Promise<void>;
  /** Closes what the cases left open. */
  close?(): void | Promise<void>;
}

function same(what: string, one: unknown, other: unknown): void {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  throw new Error(`${what}: ...${a.slice(Math.max(0, at - 60), at + 200)}... is not ...${b.slice(Math.max(0, at - 60), at + 200)}...`);
}

function holds(ledger: Ledger): void {
  same('the laws of accounting', accountingErrors(ledger, []), []);
  same('bytes held at the end', ledger.stream.held, 0);
}

/** The comparable content of a message. */
export function shape(message: Message): unknown[] {
  const { payload, capturedAt, sourceAddress, sourcePort, destinationAddress, destinationPort, protocol, vlan, outerSource } = message;
  return [
    payload.toString('latin1'),
    capturedAt,
    sourceAddress,
    sourcePort,
    destinationAddress,
    destinationPort,
    protocol,
    vlan,
    outerSource,
  ];
}

const shapes = ({ messages }: Heard) => messages.map(shape);

/** Frames, some of them damaged, through one decoder that lives for thousands of cases. */
function mutatedFrames(): Fuzzer {
  let ledger = new Ledger();
  let extractor: FrameExtractor | null = null;
  let cases = 0;
  const finish = (): void => {
    extractor?.finish();
    extractor = null;
    holds(ledger);
  };
  return {
    name: 'mutated frames',
    share: 0.985,
    run(next) {
      if (extractor === null) {
        ledger = new Ledger();
        const options = {
          ports: [],
          keepFrames: next(3) === 0,
          parseHep: next(2) === 0,
          rtcp: next(2) === 0 ? new RtcpWatch() : undefined,
        };
        extractor = new FrameExtractor(
          options,
          ledger,
          () => '',
          () => ledger.delivered++ >= 0,
        );
      }
      const { linkType, bytes } = anyFrame(next);
      const mutated = damaged(bytes, next);
      const originalLength = mutated.length + (next(10) === 0 ? next(2000) : 0);
      const capturedAt = 1e15 + cases * 20_000 + (next(500) === 0 ? next(1e9) : 0);
      cases++;
      extractor.frame({ linkType, bytes: mutated, from: 0, to: mutated.length, originalLength, capturedAt, number: cases, sourceIndex: 0 });
      if (cases % 5000 === 0) finish();
    },
    close: finish,
  };
}

function captureOf(frames: readonly Frame[], writer: CaptureWriter): Buffer {
  const parts = [writer.fileHeader()];
  for (const frame of frames) {
    const record = Buffer.alloc(writer.bytesFor(frame));
    writer.write(frame, record, 0);
    parts.push(record);
  }
  return Buffer.concat(parts);
}

const writerOf = (next: Next): CaptureWriter => (next(2) === 0 ? new PcapngWriter() : new PcapWriter(1, next(2) === 0));

/** Frames of a capture read in chunks, and its fault. */
function framesIn(capture: Buffer, pieceBytes: number): { frames: Frame[]; fault: string } {
  const reader = readerFor(sniff(capture));
  if (reader === null) return { frames: [], fault: 'no capture' };
  const frame: Frame = { linkType: 0, bytes: capture, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  const frames: Frame[] = [];
  for (let at = 0; at < capture.length && reader.broken === null; at += pieceBytes) {
    reader.push(Buffer.from(capture.subarray(at, at + pieceBytes)));
    while (reader.next(frame)) frames.push(keepFrame(frame));
  }
  return { frames, fault: reader.end()?.fault ?? '' };
}

function frameOf({ bytes }: { bytes: Buffer }, i: number): Frame {
  const capturedAt = 1_700_000_000_000_000 + i * 1000;
  return {
    linkType: 1,
    bytes,
    from: 0,
    to: bytes.length,
    originalLength: bytes.length,
    capturedAt,
    nanoseconds: -1,
    number: i + 1,
    sourceIndex: 0,
  };
}

function mutatedCapture(next: Next): void {
  const frames = Array.from({ length: 1 + next(10) }, (_, i) => frameOf(anyFrame(next), i));
  const capture = damaged(captureOf(frames, writerOf(next)), next);
  const whole = framesIn(capture, capture.length + 1);
  const pieces = framesIn(capture, 1 + next(200));
  const bare = ({ frames, fault }: typeof whole) => [
    fault,
    frames.map(({ bytes, from, to, capturedAt, originalLength, linkType }) => [
      bytes.toString('hex', from, to),
      capturedAt,
      originalLength,
      linkType,
    ]),
  ];
  same('frames of a capture in pieces', bare(pieces), bare(whole));
  const heard = hear(whole.frames, { parseHep: true });
  holds(heard.ledger);
}

function splitStream(next: Next): void {
  const { bytes, sent } = stream(KINDS[next(KINDS.length)], next);
  const { texts, ledger } = hear(segments(bytes, next), { parseHep: true });
  same(
    'messages of the stream',
    texts,
    sent.map((sip) => sip.toString('latin1')),
  );
  holds(ledger);
  same('bytes received', ledger.stream.received, bytes.length);
}

function lossyStream(next: Next): void {
  const { bytes, sent } = stream(KINDS[next(KINDS.length)], next);
  const { texts, ledger } = hear(
    segments(bytes, next).filter(() => next(12) !== 0),
    { parseHep: true },
  );
  const originals = sent.map((sip) => sip.toString('latin1'));
  const invented = texts.filter((text) => !originals.some((original) => original.startsWith(text)));
  same('messages that nobody sent', invented, []);
  const whole = texts.filter((text) => originals.includes(text));
  same('messages that came twice', whole.length, new Set(whole).size);
  holds(ledger);
}

/** Standard output that keeps what it gets. */
class Kept extends Writable {
  readonly parts: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.parts.push(Buffer.from(chunk));
    done();
  }
}

/** The messages of frames, and those of the capture file that they were written to. */
export async function writtenAndRead(frames: readonly Frame[], options: Partial<FrameExtractorOptions>): Promise<[Heard, Heard]> {
  const heard = hear(frames, { ...options, keepFrames: true });
  const kept = new Kept();
  const sink = new CaptureFileSink({ path: '-', stdout: kept, log: silentLog, onClosed: () => {} });
  const preparer = new MessagePreparer(new Ledger());
  for (const message of heard.messages) {
    if (message.payloadType === PAYLOAD_SIP) preparer.sip(message);
    sink.accept(message);
  }
  await sink.close();
  const { written, delivered } = sink.counts();
  same('messages written', written, delivered);
  const capture = Buffer.concat(kept.parts);
  const { frames: readFrames, fault } = framesIn(capture, capture.length);
  same('fault of the written file', fault, '');
  return [heard, hear(readFrames, options)];
}

async function written(next: Next): Promise<void> {
  const [source, read] = await writtenAndRead(traffic(next, next(3) > 0), { parseHep: true });
  same('messages read from the written file', shapes(read).map(String).sort(), shapes(source).map(String).sort());
  same('order of messages in the written file', shapes(read), shapes(source));
}

/** SIP of the capture itself is the same whether HEP and RTCP are read or not. */
function withHepAndRtcp(next: Next): void {
  const frames = traffic(next, next(2) === 0);
  const own = ({ messages }: Heard) => messages.filter(({ payloadType, envelope }) => payloadType === 1 && envelope === null).map(shape);
  const plain = hear(frames);
  const all = hear(frames, { parseHep: true, rtcp: new RtcpWatch() });
  same('SIP with -E --rtcp', own(all), own(plain));
  holds(plain.ledger);
  holds(all.ledger);
}

function fileAgainstInput(): Fuzzer {
  let folder = '';
  const read = async (name: string, stdin: PassThrough): Promise<unknown[]> => {
    const found: unknown[] = [];
    const ledger = new Ledger();
    const source = await CaptureFiles.open([name], { stdin, log: silentLog, digests: false });
    const extractor = new FrameExtractor(
      { ports: [], keepFrames: false, parseHep: true },
      ledger,
      () => '',
      (message) => {
        ledger.delivered++;
        return found.push(shape(message)) > 0;
      },
    );
    await source.start((frame) => extractor.frame(frame), { ready: async () => {} });
    extractor.finish();
    holds(ledger);
    return [found, ledger.received, source.ends().map(({ problem }) => problem.replace(/^[^:]*/, ''))];
  };
  return {
    name: 'file against standard input',
    share: 0.0004,
    async run(next) {
      const capture = damaged(captureOf(traffic(next, true).slice(0, 40), writerOf(next)), next);
      if (folder === '') folder = mkdtempSync(join(tmpdir(), 'sipcap-fuzz-'));
      const path = join(folder, 'case.pcap');
      writeFileSync(path, capture);
      const stdin = new PassThrough();
      const size = 1 + next(3000);
      for (let at = 0; at < capture.length; at += size) stdin.write(capture.subarray(at, at + size));
      stdin.end();
      const [fromFile, fromInput] = [await read(path, new PassThrough()), await read('-', stdin)];
      same('standard input', fromInput, fromFile);
    },
    close() {
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
      folder = '';
    },
  };
}

const simple = (name: string, share: number, run: Fuzzer['run']): Fuzzer => ({ name, share, run });

/** Every decoder and reader by itself. */
export const readers = (): readonly Reader[] => [...PACKET_READERS, ...TEXT_READERS];

/** Those that run in one process on its own bytes. */
export function fuzzers(): Fuzzer[] {
  return [
    mutatedFrames(),
    simple('mutated captures', 0.005, mutatedCapture),
    simple('split and reordered streams', 0.004, splitStream),
    simple('streams with losses', 0.003, lossyStream),
    simple('with and without -E --rtcp', 0.001, withHepAndRtcp),
    simple('-w read back', 0.0015, written),
    fileAgainstInput(),
    ...readers().map(fuzzerOf),
  ];
}
