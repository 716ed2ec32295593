/**
 * The capture process: copies packets of one interface from libpcap's ring into a pipe without examining them. It
 * alone keeps the capture privilege. It exits when its control pipe ends, so with its parent. When its interface is
 * deleted it starts the process that takes over, which waits for the interface to return, and exits: that is the only
 * safe way to end a session.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { CONTROL_FD, EVENTS_FD, FRAMES_FD, type ChildEvent, type ChildOptions, type Refusal } from './child-protocol.js';
import { FramePipe } from './frame-pipe.js';
import {
  interfaceNames,
  linkKindOf,
  maybeUp,
  packetSocketOf,
  packetSocketTable,
  socketState,
  type SocketState,
} from './interface-state.js';
import { PacketSession } from './packet-session.js';
import { loadPcap, type PcapBinding } from './pcap-binding.js';
import type { LinkKind } from './filter-text.js';

const LOOK_AT_INTERFACE_MS = 200;
const LOOK_FOR_INTERFACE_MS = 50;
const STATISTICS_MS = 1000;
/** After the request to stop: what the ring still holds is sent within this time. */
const LAST_PACKETS_MS = 30;

/** Arguments for node that run `capture` in a separate process. */
export function childArguments(options: ChildOptions): string[] {
  // Node opens its debugger on SIGUSR1 where nobody listens: listen first of all.
  const script = `process.on('SIGUSR1', () => {}); const { capture } = await import(${JSON.stringify(import.meta.url)}); capture(JSON.parse(process.argv[1]));`;
  return ['--input-type=module', '-e', script, JSON.stringify(options)];
}

export function capture(options: ChildOptions): void {
  new CaptureChild(options).run();
}

class CaptureChild {
  private readonly pipe = new FramePipe(FRAMES_FD, () => process.exit(0));
  private session: PacketSession | null = null;
  private state: SocketState = 'up';
  private inode = '';
  private reported = { kernel: 0, interface: 0 };
  private waiting: NodeJS.Timeout | null = null;
  private readonly watches: NodeJS.Timeout[] = [];
  private stopping = false;

  constructor(private readonly options: ChildOptions) {}

  run(): void {
    const { device } = this.options;
    process.title = `sipcap: capture ${device}`;
    // Ctrl-C reaches the whole group; the parent decides when to stop.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => this.stop());
    new Socket({ fd: CONTROL_FD, readable: true, writable: false })
      .on('end', () => this.stop())
      .on('error', () => this.stop())
      .resume();
    let binding: PcapBinding;
    try {
      binding = loadPcap();
    } catch (error) {
      this.refuse('package', (error as Error).message.split('\n', 1)[0]);
      return;
    }
    if (this.options.followsLinkType < 0 && device !== 'any' && !interfaceNames().includes(device)) {
      this.refuse('missing', `unknown interface '${device}': expected one of ${[...interfaceNames(), 'any'].join(', ')}`);
      return;
    }
    if (this.open(binding)) return;
    if (this.options.followsLinkType < 0) this.send({ event: 'down' });
    this.waiting = setInterval(() => {
      if (maybeUp(device) && this.open(binding) && this.waiting !== null) clearInterval(this.waiting);
    }, LOOK_FOR_INTERFACE_MS);
  }

  /** False if the interface is not up (yet). */
  private open(binding: PcapBinding): boolean {
    const { device, followsLinkType, snapLength } = this.options;
    if (!maybeUp(device)) return false;
    const kind = linkKindOf(device);
    try {
      this.session = new PacketSession(binding, { ...this.options, filter: this.options.filters[kind] }, this.pipe, () =>
        this.statistics(),
      );
    } catch (error) {
      return this.openFailed((error as Error).message, kind);
    }
    if (followsLinkType < 0) this.pipe.begin(this.session.linkType, snapLength);
    else if (followsLinkType !== this.session.linkType) {
      this.refuse('missing', `${device} came back with another link type`);
      return true;
    }
    this.inode = packetSocketOf(this.session.descriptors);
    this.session.start();
    this.send({ event: 'opened', linkType: this.session.linkType });
    this.watches.push(
      setInterval(() => this.statistics(), STATISTICS_MS),
      setInterval(() => this.lookAtInterface(), LOOK_AT_INTERFACE_MS),
    );
    return true;
  }

  private openFailed(text: string, kind: LinkKind): boolean {
    if (/permission|not permitted|CAP_NET_RAW/i.test(text)) this.refuse('permission', text);
    else if (text === '' || /not up|no such device|doesn't exist|went away/i.test(text)) return false;
    else this.refuse(this.options.filters[kind] === '' ? 'missing' : 'filter', text);
    return true;
  }

  private lookAtInterface(): void {
    const now = socketState(packetSocketTable(), this.inode);
    if (now === this.state) return;
    this.state = now;
    if (now !== 'up') this.session!.lookByTime();
    if (now === 'gone') {
      this.takeLast();
      this.startSuccessor();
      return;
    }
    this.send({ event: now });
  }

  /** The process that takes over has the same pipes, so the reader sees one stream. */
  private startSuccessor(): void {
    this.send({ event: 'gone' });
    for (const watch of this.watches) clearInterval(watch);
    this.session!.abandon();
    const next = spawn(process.execPath, childArguments({ ...this.options, followsLinkType: this.session!.linkType }), {
      stdio: ['ignore', 'ignore', 'inherit', FRAMES_FD, EVENTS_FD, CONTROL_FD],
    });
    next.on('spawn', () => process.exit(0));
    next.on('error', () => process.exit(1));
  }

  private stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    if (this.session === null || this.state === 'gone') process.exit(0);
    setTimeout(() => {
      this.takeLast();
      process.exit(0);
    }, LAST_PACKETS_MS);
  }

  private takeLast(): void {
    this.session!.look();
    this.statistics();
  }

  private statistics(): void {
    const { reported } = this;
    const now = this.session!.drops();
    // The counters have 32 bits and start again at 0.
    const kernel = (now.kernel - reported.kernel) >>> 0;
    const byInterface = (now.interface - reported.interface) >>> 0;
    this.reported = now;
    if (kernel > 0 || byInterface > 0) this.send({ event: 'dropped', kernel, interface: byInterface });
  }

  private refuse(why: Refusal, text: string): void {
    this.send({ event: 'refused', why, text });
    process.exit(0);
  }

  private send(event: ChildEvent): void {
    try {
      writeSync(EVENTS_FD, `${JSON.stringify(event)}\n`);
    } catch {
      process.exit(0);
    }
  }
}
