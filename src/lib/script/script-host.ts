/**
 * The host of a script: each message in turn, its HEP packet and the outputs. SIP is parsed when a statement
 * needs it, a packet is split into chunks when one is accessed, and an edited packet is decoded again when read.
 */
import {
  AddressTextCache,
  PAYLOAD_SIP,
  UsageError,
  isFault,
  type Clock,
  type HepEndpoint,
  type Log,
  type Message,
  type SipFields,
} from '../base/index.js';
import { EditablePacket, HepDecoder, valueOfChunk, type ChunkAssignment, type ChunkName } from '../hep/index.js';
import {
  ScriptMemory,
  type ChunkAssignmentHandle,
  type ChunkHandle,
  type Refused,
  type RouteContext,
  type ScriptCache,
  type ScriptStatistics,
  type Value,
} from '../route/index.js';
import { firstHeader, headerValues } from '../sip/index.js';
import { TableName, strftime } from '../store/index.js';
import type { RowOverride } from '../pipeline/output/message-rows.js';

/** Receives the host's actions. */
export interface RouteActions {
  /** The switch `capture_on`. */
  isCaptureOn(): boolean;
  /** A row for the databases. */
  store(message: Message, override: RowOverride): Refused;
  relay(target: HepEndpoint, message: Message): Refused;
  /** Parses the payload as SIP; '' on success, when the message has its fields, else why it is not SIP. */
  parse(message: Message): string;
  /** A statement failed. */
  failed(place: string, reason: string): void;
  /** A function that `unknown_functions: skip` skips was called. */
  skipped?(name: string): void;
  /** What $env reads. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Outlives the host, which a reload replaces; a new one by default. */
  readonly memory?: ScriptMemory;
  readonly clock: Clock;
  readonly log: Log;
}

const OLD_PACKET = 'only HEP version 3 has chunks';
const MAX_TABLES = 256;

export class ScriptHost implements RouteContext {
  stage: 'hep' | 'sip' = 'sip';
  /** What was done with the message so far. */
  done = 0;
  /** Why its payload is not SIP; '' if it is, or was not parsed. */
  notSip = '';
  /** sip_capture() met the switch. */
  metSwitch = false;
  /** A statement failed. */
  hasFailed = false;
  private current!: Message;
  private packet: EditablePacket | null = null;
  private isEdited = false;
  private wrongEdit = '';
  /** hep_resume_sip() ran: the payload is read as SIP, whatever type the packet gives it. */
  private isResumed = false;
  private readonly decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  private readonly tables = new Map<string, TableName | string>();

  readonly statistics: ScriptStatistics;
  readonly cache: ScriptCache;
  readonly startedAt: number;

  constructor(private readonly actions: RouteActions) {
    const memory = actions.memory ?? new ScriptMemory(actions.clock.now());
    this.statistics = memory.statistics;
    this.cache = memory.cache;
    this.startedAt = memory.startedAt;
  }

  begin(message: Message): void {
    this.current = message;
    this.packet = null;
    this.isEdited = false;
    this.wrongEdit = '';
    this.isResumed = false;
    this.done = 0;
    this.notSip = '';
    this.metSwitch = false;
    this.hasFailed = false;
  }

  /** In its current state, with the script's edits. */
  get message(): Message {
    if (this.isEdited) this.decodeAgain();
    return this.current;
  }

  /** From here on the routes for SIP run. */
  resumeSip(): void {
    this.stage = 'sip';
    this.isResumed = true;
    if (this.notSip === 'not_sip') this.notSip = '';
  }

  sip(): SipFields | null {
    const { message } = this;
    if (message.sip !== null || this.notSip !== '') return message.sip;
    if (message.payloadType !== PAYLOAD_SIP && !this.isResumed) {
      this.notSip = 'not_sip';
      return null;
    }
    this.notSip = this.actions.parse(message);
    return message.sip;
  }

  header(name: string, index: number): string | null {
    const sip = this.sip();
    if (sip === null) return null;
    return index === 0 ? firstHeader(sip, name) : (headerValues(sip, name).at(index) ?? null);
  }

  headers(name: string): readonly string[] {
    const sip = this.sip();
    return sip === null ? [] : headerValues(sip, name);
  }

  getChunk(chunk: ChunkHandle): Value {
    const packet = this.opened();
    if (typeof packet === 'string') return null;
    const name = chunk as ChunkName;
    const found = packet.get(name);
    if (found === null || isFault(found)) return null;
    return valueOfChunk(found, name.isTyped && name.row?.builtIn !== true ? name.type : null);
  }

  chunkVendor(chunk: ChunkHandle): number {
    const packet = this.opened();
    return typeof packet === 'string' ? -1 : (packet.find(chunk as ChunkName)?.vendor ?? -1);
  }

  setChunk(assignment: ChunkAssignmentHandle): Refused {
    const packet = this.opened();
    if (typeof packet === 'string') return packet;
    packet.set(assignment as ChunkAssignment);
    this.isEdited = true;
    return null;
  }

  /** As hep_del: built-in chunks may be absent, others may not. */
  deleteChunk(chunk: ChunkHandle): Refused {
    const packet = this.opened();
    if (typeof packet === 'string') return packet;
    if (packet.del(chunk as ChunkName)) this.isEdited = true;
    else if (chunk.row?.builtIn !== true) return `the packet has no chunk ${chunk.text}`;
    return null;
  }

  relay(target: HepEndpoint): Refused {
    const { message } = this;
    const version = message.envelope?.version ?? 3;
    if (version < 3 && target.transport !== 'udp') return `HEP version ${version} goes over UDP only`;
    return this.counted(this.wrongEdit !== '' ? this.wrongEdit : this.actions.relay(target, message));
  }

  store(table: string | null, custom1: string | null, custom2: string | null, custom3: string | null): Refused {
    const { message } = this;
    if (!this.actions.isCaptureOn()) {
      this.metSwitch = true;
      return '';
    }
    if (this.wrongEdit !== '') return this.wrongEdit;
    if (this.sip() === null) return `the payload is not SIP: ${this.notSip}`;
    const name = this.tableOf(table);
    if (typeof name === 'string') return name;
    const customFields =
      custom1 === null && custom2 === null && custom3 === null
        ? null
        : ([custom1 ?? '', custom2 ?? '', custom3 ?? ''] as [string, string, string]);
    // A row is a SIP row by its type; the packet keeps the type that the script gave it.
    const stored = message.payloadType === PAYLOAD_SIP ? message : { ...message, payloadType: PAYLOAD_SIP };
    return this.counted(this.actions.store(stored, { table: name, customFields, report: null }));
  }

  report(correlationId: string, table: string | null, payloadType: number): Refused {
    const { message } = this;
    if (message.envelope === null) return 'report_capture() requires a message received as HEP';
    if (this.wrongEdit !== '') return this.wrongEdit;
    const name = this.tableOf(table);
    if (typeof name === 'string') return name;
    return this.counted(
      this.actions.store(message, {
        table: name,
        customFields: null,
        report: { correlationId, payloadType: payloadType < 0 ? message.payloadType : payloadType },
      }),
    );
  }

  log(level: number, text: string): void {
    const { log } = this.actions;
    const line = text.trimEnd();
    if (level <= -1) log.error(line);
    else if (level === 1) log.warn(line);
    else if (level >= 4) log.debug(line);
    else log.info(line);
  }

  failed(place: string, reason: string): void {
    // The switch is not a failure of the script.
    if (reason === '') return;
    this.hasFailed = true;
    this.actions.failed(place, reason);
  }

  skipped(name: string): void {
    this.actions.skipped?.(name);
  }

  environment(name: string): string | null {
    return this.actions.environment?.[name] ?? null;
  }

  now(): number {
    return this.actions.clock.now();
  }

  time(format: string): string {
    return strftime(format, new Date(Math.floor(this.now() / 1000)));
  }

  private counted(refused: Refused): Refused {
    if (refused === null) this.done++;
    return refused;
  }

  /** The packet to edit, or why there is none. */
  private opened(): EditablePacket | string {
    if (this.packet !== null) return this.packet;
    const { envelope } = this.current;
    if (envelope === null) return 'the message was not received as HEP';
    if (envelope.version !== 3) return OLD_PACKET;
    const packet = EditablePacket.read(envelope.bytes, this.now());
    if (isFault(packet)) return `the packet cannot be read: ${packet.fault}`;
    this.packet = packet;
    return packet;
  }

  private decodeAgain(): void {
    this.isEdited = false;
    const { envelope } = this.current;
    const bytes = this.packet!.packet();
    const message = isFault(bytes) ? bytes : this.decoder.decode(bytes, 0, bytes.length, this.now(), envelope!);
    this.wrongEdit = isFault(message) ? `the edited packet is invalid: ${message.fault}` : '';
    if (isFault(message)) return;
    // Parsed fields stay valid, unless the payload was edited.
    if (isSamePayload(message, this.current)) {
      message.sip = this.current.sip;
      message.payload = this.current.payload;
    } else this.notSip = '';
    this.current = message;
  }

  private tableOf(text: string | null): TableName | string | null {
    if (text === null || text === '') return null;
    let table = this.tables.get(text);
    if (table !== undefined) return table;
    if (this.tables.size >= MAX_TABLES) this.tables.clear();
    try {
      table = new TableName(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      table = error.message;
    }
    this.tables.set(text, table);
    return table;
  }
}

/** Whether edits left the payload unchanged, which may have been cut at its Content-Length since. */
function isSamePayload(edited: Message, { payloadType, payload, sip }: Message): boolean {
  if (edited.payloadType !== payloadType) return false;
  if (sip === null || sip.contentLength < 0) return edited.payload.equals(payload);
  return edited.payload.subarray(0, payload.length).equals(payload);
}
