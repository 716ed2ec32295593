/** Edits one packet after the other: performs the operations, collects the requested values, counts and reports anomalies. */
import { Counters, faultText, isFault, safeJson } from '../../../base/index.js';
import { EditablePacket, describeChunk, escapeText, textOfChunk, valueOfChunk, type Chunk, type ChunkName } from '../../../hep/index.js';
import type { Operation } from './operations.js';

export interface EditorOptions {
  operations: readonly Operation[];
  /** Makes version 3 of versions 1 and 2. */
  upgrade: boolean;
  /** Show every chunk. */
  list: boolean;
  json: boolean;
}

export interface Edited {
  /** The packet in its current state; the original bytes if nothing was changed. */
  packet: Buffer;
  /** The text to print, with its line end; '' if nothing was requested. */
  text: string;
}

/** The first few packets that could not be read or changed are reported. */
const MAX_NAMED = 10;

export class PacketEditor {
  packets = 0;
  /** Packets left unchanged because they are invalid. */
  readonly problems = new Counters();
  /** Requested chunks that are absent. */
  readonly notes = new Counters();
  private named = 0;
  private readonly edits: boolean;
  private readonly asks: boolean;

  constructor(
    private readonly options: EditorOptions,
    private readonly report: (text: string) => void,
  ) {
    this.edits = options.operations.some(({ kind }) => kind !== 'get');
    this.asks = options.operations.some(({ kind }) => kind === 'get');
  }

  /** `receivedAt`: microseconds since 1970, for versions without a time. */
  edit(packet: Buffer, receivedAt: number): Edited {
    this.packets++;
    const { operations, upgrade, list, json } = this.options;
    const editable = EditablePacket.read(packet, receivedAt);
    if (isFault(editable)) return this.lastError(packet, editable.fault, faultText(editable));
    if (upgrade) editable.upgrade(receivedAt);
    const canEdit = editable.version === 3;
    if (!canEdit && this.edits)
      this.name('old_version', `version ${editable.version} has no chunks to set or delete: --upgrade makes version 3 of it`);
    const values: (string | number | null)[] = [];
    const details: unknown[] = [];
    for (const operation of operations) {
      if (operation.kind === 'get') {
        const chunk = editable.get(operation.name);
        values.push(this.valueOf(chunk, operation.name));
        if (json) details.push(detailOf(isFault(chunk) ? null : chunk, operation.name));
      } else if (canEdit && operation.kind === 'set') editable.set(operation.assignment);
      else if (canEdit && operation.kind === 'del' && !editable.del(operation.name)) this.notes.add('del_missing_chunk');
    }
    const made = editable.packet();
    if (isFault(made)) return this.lastError(packet, made.fault, faultText(made));
    let text = '';
    if (this.asks)
      text = json
        ? `${safeJson(Object.assign({}, ...details))}\n`
        : `${values.map((value) => (value === null ? '' : escapeText(String(value)))).join('\t')}\n`;
    if (list) text += this.listText(editable, json);
    return { packet: made, text };
  }

  private valueOf(chunk: ReturnType<EditablePacket['get']>, name: ChunkName): string | null {
    if (chunk === null) {
      this.notes.add('get_missing_chunk');
      return null;
    }
    if (isFault(chunk)) {
      this.name(chunk.fault, faultText(chunk));
      return null;
    }
    const text = textOfChunk(chunk, name.isTyped ? name.type : null);
    if (text === null) this.notes.add('value_does_not_fit_type');
    return text;
  }

  /** `chunk 0x000b proto_type (vendor 0) uint8: SIP`, indented under the packet's number. */
  private listText(editable: EditablePacket, json: boolean): string {
    const chunks = editable.list().map(describeChunk);
    if (json) return `${safeJson({ packet: this.packets, version: editable.version, chunks })}\n`;
    const lines = chunks.map(
      ({ vendor, id, name, type, value }) =>
        `  0x${id.toString(16).padStart(4, '0')} ${String(id).padStart(5)} vendor ${String(vendor).padEnd(5)} ${name.padEnd(18)} ${type.padEnd(12)} ${escapeText(String(value))}`,
    );
    return [`packet ${this.packets}, version ${editable.version}`, ...lines, ''].join('\n');
  }

  private lastError(packet: Buffer, reason: string, text: string): Edited {
    this.name(reason, text);
    return { packet, text: this.asks && !this.options.json ? '\n' : '' };
  }

  private name(reason: string, text: string): void {
    this.problems.add(reason);
    if (this.named++ < MAX_NAMED) this.report(`packet ${this.packets}: ${text}`);
    else if (this.named === MAX_NAMED + 1) this.report('more of these are only counted');
  }
}

function detailOf(chunk: Chunk | null, name: ChunkName): unknown {
  if (chunk === null) return { [name.text]: null };
  const described = describeChunk(chunk);
  return {
    [name.text]: {
      vendor: chunk.vendor,
      id: chunk.id,
      type: name.isTyped ? name.type : described.type,
      value: valueOfChunk(chunk, name.isTyped ? name.type : null) ?? described.value,
    },
  };
}
