/**
 * Between a source and the handler: extracts, prepares and handles each message, does the accounting, sheds load
 * before decoding if nothing could be kept, and contains exceptions: one message never ends a run.
 */
import {
  AddressTextCache,
  NO_STREAM,
  Numbering,
  isFault,
  type Fault,
  type Frame,
  type Gate,
  type Ledger,
  type Log,
  type Message,
  type SipFields,
} from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import { FrameExtractor } from '../extract/frame-extractor.js';
import { HepExtractor } from '../extract/hep-extractor.js';
import { MessagePreparer } from '../extract/prepare-message.js';
import { RtcpWatch } from '../extract/rtcp-extractor.js';
import { DecodePool } from '../extract/workers/index.js';
import { HepDecoder, type HepDecoderOptions } from '../hep/index.js';
import { filtered, rejected, type Handler, type Outcome } from './handler.js';
import type { MessageFilter } from './message-filter.js';
import type { Outputs } from './output/outputs.js';
import { REPEATED, type Repeats } from './repeats.js';
import type { AcceptMessage, FrameIntake, FrameSelection, SourceIntake } from './source.js';

export interface IntakeOptions {
  ledger: Ledger;
  outputs: Outputs;
  log: Log;
  hep: Omit<HepDecoderOptions, 'addressTexts'>;
  /** Stop after this many delivered messages; 0 is unlimited. */
  count: number;
  onCount(): void;
  /** Messages that it rejects are counted as filtered, before they are handled. */
  filter?: MessageFilter | null;
  /** Drops what senders of HEP repeat; null or absent takes it. */
  repeats?: Repeats | null;
  /** Every SIP message that is parsed. */
  onSip?(sip: SipFields): void;
}

/** Takes HEP packets before they are decoded (a relay that does not look inside). */
export interface PacketHandler {
  /** The packet as it is sent on, or why it is not HEP. */
  read(arrival: HepArrival): RelayedPacket | Fault;
  send(packet: RelayedPacket, outputs: Outputs): Outcome;
}

export interface RelayedPacket {
  bytes: Buffer;
  capturedAt: number;
}

const EXCEPTION = 'exception';
/** Rejected by `--where` and its short flags. */
const WHERE = filtered('where');

export class Intake implements SourceIntake {
  readonly preparer: MessagePreparer;
  readonly datagramGate: Gate = { ready: () => (this.options.outputs.datagramsWait ? this.options.outputs.ready() : Promise.resolve()) };
  private handler!: Handler;
  private decoder!: HepDecoder;
  private messages!: HepExtractor<Message>;
  private packets: HepExtractor<RelayedPacket> | null = null;
  private readonly numbering = new Numbering();
  /** The packet in hand was found not to be a repeat. */
  private isChecked = false;
  private readonly reportedPlaces = new Set<string>();

  constructor(private readonly options: IntakeOptions) {
    this.preparer = new MessagePreparer(options.ledger, options.onSip);
    options.outputs.decodeNow = (arrival) => void this.decodeNow(arrival);
    this.useHep(options.hep);
  }

  /** Sets the handler for the following messages. */
  use(handler: Handler): void {
    this.handler = handler;
  }

  statistics(): readonly [string, number][] {
    return (this.handler as Handler | undefined)?.statistics?.() ?? [];
  }

  usePackets(handler: PacketHandler): void {
    const { ledger, outputs } = this.options;
    let isWanted = true;
    this.packets = new HepExtractor(
      ledger,
      (arrival) => {
        isWanted = this.passesPacket(arrival);
        return handler.read(arrival);
      },
      (packet) => this.account(() => (isWanted ? handler.send(packet, outputs) : WHERE)),
    );
  }

  /** Sets how HEP is decoded from now on. */
  useHep(options: Omit<HepDecoderOptions, 'addressTexts'>): void {
    const decoder = new HepDecoder({ ...options, addressTexts: new AddressTextCache() });
    if (this.decoder !== undefined) this.noteDecoder();
    this.decoder = decoder;
    this.messages = new HepExtractor(
      this.options.ledger,
      ({ bytes, from, to, receivedAt, peer, stream = NO_STREAM, sequence = 0 }) => {
        const message = decoder.decode(bytes, from, to, receivedAt, peer);
        if (stream !== NO_STREAM && !isFault(message) && message.stream === NO_STREAM) {
          message.stream = stream;
          message.sequence = sequence;
        }
        return message;
      },
      (message) => this.account(() => (!this.isChecked && this.isRepeated(message) ? REPEATED : this.handled(message))),
    );
  }

  /** Of a packet that could not wait undecoded after all. */
  private decodeNow(arrival: HepArrival): void {
    this.isChecked = true;
    this.packet(arrival);
    this.isChecked = false;
  }

  private isRepeated(message: Message): boolean {
    return this.options.repeats?.isRepeated(message) ?? false;
  }

  frames(selection: FrameSelection, accept?: AcceptMessage): FrameIntake {
    const { ledger, log, outputs } = this.options;
    const { ports, keepFrames, parseHep, workers, rtcp, isLive, tunnelTo, media, streams } = selection;
    const options = { ports, keepFrames, parseHep, tunnelTo: tunnelTo ?? undefined };
    const tunnelled = tunnelTo !== null;
    const deliver = (message: Message) =>
      this.account(() => {
        this.preparer.prepare(message, tunnelled);
        return this.handled(message);
      });
    const reason = this.acceptance(accept);
    const extractor =
      workers > 0
        ? new DecodePool(workers, options, ledger, log, deliver)
        : new FrameExtractor(
            { ...options, streams, rtcp: rtcp ? new RtcpWatch(media?.known) : undefined, media: media ?? undefined },
            ledger,
            reason,
            deliver,
            this.preparer.reader,
          );
    const { frameWriter } = outputs;
    const take = (frame: Frame): boolean => {
      frameWriter?.frame(frame);
      if (!isLive || outputs.hasRoom) return this.guarded(extractor, frame);
      ledger.dropped.add('overload');
      return false;
    };
    return { frame: take, finish: () => extractor.finish() };
  }

  packet(arrival: HepArrival): boolean {
    const { outputs, ledger } = this.options;
    if (outputs.takeUndecoded(arrival)) return true;
    if (arrival.peer.transport === 'udp' && !outputs.hasRoom) {
      ledger.dropped.add('overload');
      return false;
    }
    try {
      return (this.packets ?? this.messages).take(arrival);
    } catch (error) {
      ledger.without.add(EXCEPTION);
      this.report(error);
      return true;
    }
  }

  message(message: Message, bytes: number): boolean {
    const { ledger } = this.options;
    ledger.received++;
    ledger.bytes += bytes;
    ledger.complete++;
    ledger.found++;
    if (ledger.firstAt === 0) ledger.firstAt = message.capturedAt;
    ledger.lastAt = message.capturedAt;
    return this.deliver(message);
  }

  refuse(reason: string, count: number): void {
    const { ledger } = this.options;
    ledger.received += count;
    ledger.complete += count;
    ledger.found += count;
    ledger.rejected.add(reason, count);
  }

  ready(): Promise<void> {
    return this.options.outputs.ready();
  }

  /** Enters what the decoder counted. */
  finish(): void {
    this.noteDecoder();
  }

  private noteDecoder(): void {
    for (const [reason, count] of this.decoder.counters.entries()) this.options.ledger.notes.add(reason, count);
  }

  /** Why a message of a frame is skipped, '' if it is not. Positions advance past what was delivered, not past what was read. */
  private acceptance(accept: AcceptMessage = () => true) {
    const { ledger, count } = this.options;
    return (message: Message, sourceIndex: number, index: number, atEnd: boolean): string => {
      if (count > 0 && ledger.delivered >= count) return 'after_count';
      return accept(message, sourceIndex, index, atEnd) ? '' : 'already_stored';
    };
  }

  private deliver(message: Message): boolean {
    return this.account(() => this.handled(message));
  }

  private handled(message: Message): Outcome {
    const { filter, outputs } = this.options;
    const objection = filter ? filter.objection(message, this.preparer) : '';
    if (objection !== '') return filtered(objection);
    this.numbering.identify(message);
    return this.handler.handle(message, outputs);
  }

  /** Whether a packet that is otherwise not decoded may pass. */
  private passesPacket({ bytes, from, to, receivedAt, peer }: HepArrival): boolean {
    const { filter } = this.options;
    if (!filter) return true;
    const message = this.decoder.decode(bytes, from, to, receivedAt, peer);
    return !isFault(message) && filter.passes(message, this.preparer);
  }

  /** False when an output is full. The message has been counted as found. */
  private account(handle: () => Outcome): boolean {
    const { ledger, outputs, count, onCount } = this.options;
    if (count > 0 && ledger.delivered >= count) {
      ledger.filtered.add('after_count');
      return true;
    }
    outputs.room = true;
    let outcome: Outcome;
    try {
      outcome = handle();
    } catch (error) {
      this.report(error);
      outcome = rejected(EXCEPTION);
    }
    if (outcome === null) {
      ledger.delivered++;
      if (ledger.delivered === count) onCount();
    } else ledger[outcome.as].add(outcome.reason);
    return outputs.room;
  }

  private guarded(extractor: FrameExtractor | DecodePool, frame: Frame): boolean {
    try {
      return extractor.frame(frame);
    } catch (error) {
      this.options.ledger.without.add(EXCEPTION);
      this.report(error);
      return true;
    }
  }

  /** Logged once per location: an exception is an internal error, and its location is what helps. */
  private report(error: unknown): void {
    const { stack = String(error) } = error as Error;
    const place = stack.split('\n').slice(0, 2).join(' ').trim();
    if (this.reportedPlaces.has(place)) return;
    this.reportedPlaces.add(place);
    this.options.log.error(`internal error, the message is skipped: ${place} (reported once)`);
  }
}
