/** What the capture process receives at its start and reports back: one JSON object per line, beside the stream of frames. */
import type { LinkKind } from './filter-text.js';

export interface ChildOptions {
  device: string;
  /** In libpcap syntax, by the link layer of the interface; '' keeps everything. */
  filters: Readonly<Record<LinkKind, string>>;
  snapLength: number;
  bufferBytes: number;
  promiscuous: boolean;
  /** Link type of the previous process, whose stream is continued, -1 if there was none. */
  followsLinkType: number;
}

/** Why an interface could not be opened. */
export type Refusal = 'package' | 'permission' | 'missing' | 'filter';

export type ChildEvent =
  | { event: 'opened'; linkType: number }
  | { event: 'refused'; why: Refusal; text: string }
  /** Since the last such line: packets that the kernel dropped because its buffer was full, and that the interface dropped. */
  | { event: 'dropped'; kernel: number; interface: number }
  | { event: 'down' | 'up' | 'gone' };

/** File descriptors of the capture process; it stops when the control pipe ends. */
export const FRAMES_FD = 3;
export const EVENTS_FD = 4;
export const CONTROL_FD = 5;
