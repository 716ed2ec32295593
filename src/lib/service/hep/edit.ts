/** `hep edit`: a shell filter over HEP packets. */
import type { Writable } from 'node:stream';
import { LINK_ETHERNET, UsageError, systemErrorText, faultText, EXIT_BAD_INPUT, EXIT_DONE, type Environment } from '../../base/index.js';
import { openFile, openStream, type ByteSource } from '../../capture/file/index.js';
import { readerFor } from '../../format/index.js';
import { HepFramer, type HepPeer } from '../../hep/index.js';
import { NO_HEP_IN_CAPTURE } from '../../pipeline/input/hep-file-input.js';
import { CaptureEdit } from './edit/capture-edit.js';
import { hexLine, inputKind, type InputKind } from './edit/input.js';
import { readOperations, type WrittenOperation } from './edit/operations.js';
import { PacketOutput, type OutputKind, type PieceWriter } from './edit/output.js';
import { PacketEditor } from './edit/packet-editor.js';

export interface HepEditOptions {
  /** Path, or `-` for standard input. */
  file: string;
  /** In the order of the command line. */
  operations: readonly WrittenOperation[];
  list: boolean;
  /** The format of --get and --list. */
  json: boolean;
  force: boolean;
  upgrade: boolean;
  /** Undefined: as the input. */
  output: OutputKind | undefined;
  quiet: boolean;
}

/** The destination recorded for packets that were not in a capture. */
const NO_PEER: HepPeer = { peerAddress: '127.0.0.1', peerPort: 9060, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };
const PIECE_BYTES = 65_536;
const EMPTY_FRAME = { linkType: 0, bytes: Buffer.alloc(0), from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };

export async function hepEdit(options: HepEditOptions, env: Environment): Promise<number> {
  const operations = readOperations(options.operations, options.force);
  if (operations.length === 0 && !options.list && !options.upgrade && options.output === undefined)
    throw new UsageError('nothing to do: specify --set, --get, --del, --list, --upgrade or --output-format');
  const editor = new PacketEditor({ operations, upgrade: options.upgrade, list: options.list, json: options.json }, (text) =>
    env.log.warn(text),
  );
  const printsOnly = options.list || operations.some(({ kind }) => kind === 'get');
  const run = new EditRun(options, env, editor, printsOnly);
  const problems = await run.run();
  for (const problem of problems) env.log.error(problem);
  const odd = [...editor.problems.entries(), ...editor.notes.entries()].map(([reason, count]) => `${reason} ${count}`);
  if (!options.quiet && odd.length > 0) env.log.info(`${editor.packets} packets (${odd.join(', ')})`);
  return problems.length > 0 || editor.problems.total() > 0 ? EXIT_BAD_INPUT : EXIT_DONE;
}

class EditRun {
  private readonly out: Pieces;
  private readonly problems: string[] = [];

  constructor(
    private readonly options: HepEditOptions,
    private readonly env: Environment,
    private readonly editor: PacketEditor,
    private readonly printsOnly: boolean,
  ) {
    this.out = new Pieces(env.stdout);
  }

  /** The problem with the input. */
  async run(): Promise<string[]> {
    const { file } = this.options;
    const source = file === '-' ? openStream(this.env.stdin) : await openFile(file).catch((error: Error) => this.refuse(error));
    try {
      await this.read(source);
    } finally {
      await source.close();
    }
    await this.out.end();
    return this.problems;
  }

  private refuse(error: Error): never {
    throw new UsageError(`cannot read ${this.options.file}: ${systemErrorText(error)}`);
  }

  private async read(source: ByteSource): Promise<void> {
    let head: Buffer = Buffer.alloc(0);
    let kind: InputKind | null = null;
    const nextChunk = () => source.next().catch((error: Error) => this.refuse(error));
    while (kind === null && !this.out.closed) {
      const chunk = await nextChunk();
      if (chunk !== null) head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      kind = inputKind(head, chunk === null);
    }
    const first = { chunk: head as Buffer | null };
    const next = async (): Promise<Buffer | null> => {
      await this.out.ready();
      if (this.out.closed) return null;
      if (first.chunk === null) return nextChunk();
      const { chunk } = first;
      first.chunk = null;
      return chunk;
    };
    switch (kind) {
      case 'pcap':
      case 'pcapng':
        return this.capture(kind, next, source);
      case 'hep':
        return this.stream(next, source);
      case 'hex':
        return this.hex(next);
      case 'old packet':
        return this.single(next);
      default:
        this.problems.push(`${this.options.file}: neither HEP packets, nor a capture, nor hex lines`);
    }
  }

  private output(usual: OutputKind, pcapng = false): PacketOutput {
    return new PacketOutput(this.options.output ?? usual, this.out, pcapng);
  }

  /** The edited packet, printed if requested. */
  private edit(packet: Buffer, at: number): Buffer {
    const { packet: edited, text } = this.editor.edit(packet, at);
    if (text !== '') this.out.write(text);
    return edited;
  }

  private put(output: PacketOutput, packet: Buffer, at: number): void {
    const edited = this.edit(packet, at);
    if (!this.printsOnly) output.packet(edited, at, NO_PEER);
  }

  private async stream(next: () => Promise<Buffer | null>, source: ByteSource): Promise<void> {
    const output = this.output('hep');
    const framer = new HepFramer();
    let bytes = 0;
    for (let chunk = await next(); chunk !== null; chunk = await next()) {
      bytes += chunk.length;
      const now = this.env.clock.now();
      const verdict = framer.push(chunk, 0, chunk.length, (whole, from, to) => this.put(output, whole.subarray(from, to), now));
      this.out.push();
      if (verdict === 'close') {
        this.problems.push(`${this.options.file}: no HEP in ${framer.skippedBytes} bytes (up to byte ${bytes}): gave up`);
        return;
      }
    }
    if (!this.printsOnly) output.end();
    // The reader closed the pipe: the rest was not examined.
    if (this.out.closed) return;
    if (source.fault !== null) this.problems.push(`${this.options.file}: ${faultText(source.fault)}`);
    for (const problem of framer.endProblems(bytes)) this.problems.push(`${this.options.file}: ${problem}`);
  }

  private async hex(next: () => Promise<Buffer | null>): Promise<void> {
    const output = this.output('hex');
    let rest = '';
    let number = 0;
    const line = (text: string) => {
      number++;
      const packet = hexLine(text);
      if (packet === null) this.problems.push(`${this.options.file}: line ${number} is not hexadecimal`);
      else if (packet.length > 0) this.put(output, packet, this.env.clock.now());
    };
    for (let chunk = await next(); chunk !== null; chunk = await next()) {
      const lines = (rest + chunk.latin1Slice(0, chunk.length)).split('\n');
      rest = lines.pop()!;
      lines.forEach(line);
      this.out.push();
    }
    // A reader that has gone ends the reading anywhere.
    if (rest !== '' && !this.out.closed) line(rest);
    if (!this.printsOnly) output.end();
  }

  private async single(next: () => Promise<Buffer | null>): Promise<void> {
    const pieces: Buffer[] = [];
    for (let chunk = await next(); chunk !== null; chunk = await next()) pieces.push(chunk);
    const output = this.output('hep');
    this.put(output, Buffer.concat(pieces), this.env.clock.now());
    if (!this.printsOnly) output.end();
  }

  private async capture(kind: 'pcap' | 'pcapng', next: () => Promise<Buffer | null>, source: ByteSource): Promise<void> {
    const reader = readerFor(kind)!;
    let output = this.output('pcap', kind === 'pcapng');
    const asCapture = output.kind === 'pcap' && !this.printsOnly;
    const work = new CaptureEdit({
      edit: (packet, at) => {
        const edited = this.edit(packet, at);
        if (!asCapture && !this.printsOnly) output.packet(edited, at, NO_PEER);
        return asCapture ? edited : packet;
      },
      frame: (each) => asCapture && output.frame(each),
      remade: (packet, at, peer) => asCapture && output.packet(packet, at, peer),
    });
    const frame = { ...EMPTY_FRAME };
    for (let chunk = await next(); chunk !== null; chunk = await next()) {
      reader.push(chunk);
      while (reader.next(frame)) {
        // Rebuilt frames are Ethernet: together with another link type only pcapng can hold them.
        if (frame.number++ === 0 && frame.linkType !== LINK_ETHERNET) output = this.output('pcap', true);
        work.frame(frame);
      }
      this.out.push();
      if (reader.broken !== null) break;
    }
    work.finish();
    if (!this.printsOnly) output.end();
    if (this.out.closed) return;
    if (this.editor.packets === 0 && frame.number > 0) this.problems.push(`${this.options.file}: ${NO_HEP_IN_CAPTURE}`);
    const wrong = source.fault ?? reader.broken ?? reader.end();
    if (wrong !== null) this.problems.push(`${this.options.file}: ${faultText(wrong)}`);
  }
}

/** Standard output in large chunks, at the speed of its reader; a closed pipe ends quietly. */
class Pieces implements PieceWriter {
  closed = false;
  private pieces: Buffer[] = [];
  private bytes = 0;
  private room: Promise<void> | null = null;

  constructor(private readonly stream: Writable) {
    // Another error than a closed pipe is reported where all commands do.
    stream.on('error', () => (this.closed = true));
  }

  write(bytes: Buffer | string): void {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    this.pieces.push(piece);
    this.bytes += piece.length;
    if (this.bytes >= PIECE_BYTES) this.push();
  }

  /** Flushes the buffer. */
  push(): void {
    if (this.closed || this.bytes === 0) return;
    const all = Buffer.concat(this.pieces);
    this.pieces = [];
    this.bytes = 0;
    if (this.stream.write(all) || this.room !== null) return;
    this.room = new Promise((resolve) => {
      const done = () => {
        this.room = null;
        resolve();
      };
      this.stream.once('drain', done);
      this.stream.once('close', done);
      this.stream.once('error', done);
    });
  }

  async ready(): Promise<void> {
    while (this.room !== null && !this.closed) await this.room;
  }

  async end(): Promise<void> {
    this.push();
    if (!this.closed) await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
  }
}
