/** Network interfaces: frames until stopped, from one selection of interfaces and ports. */
import type { Environment, Frame, Ledger, PortRange, RawListen } from '../../base/index.js';
import { LiveCapture, mirrorFilter, tunnelFilter, type LinkKind } from '../../capture/live/index.js';
import type { FrameSelection, RunSource, SourceIntake } from '../source.js';

export interface InterfaceOptions {
  /** Names of interfaces; `any` is all of them. */
  interfaces: readonly string[];
  selection: FrameSelection;
  /** The operator's own kernel filter, '' for the generated one. */
  filter: string;
  /** The kernel drops what the ports leave out. */
  kernelFilter?: boolean;
  promiscuous: boolean;
  snapLength: number;
  bufferBytes: number;
  /** Seconds that an interface may be down; 0 waits forever. */
  giveUpSeconds: number;
}

/** What decides the kernel filter. */
export interface KernelFilterOptions {
  filter: string;
  ports: readonly PortRange[];
  parseHep: boolean;
  rtcp: boolean;
  tunnel: RawListen | null;
}

/** The selected ports are inside HEP, invisible to the kernel; RTCP may use any port. */
export function kernelFilter({ filter, ports, parseHep, rtcp, tunnel }: KernelFilterOptions, kind: LinkKind): string {
  if (filter !== '') return filter;
  if (tunnel !== null) return tunnelFilter(tunnel, kind);
  return parseHep || rtcp ? '' : mirrorFilter(ports, kind);
}

export class InterfaceSource implements RunSource {
  readonly kind = 'interfaces';
  readonly unit = 'packets';
  readonly isLive = true;
  private capture!: LiveCapture;
  private end: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private kernelDrops = 0;
  private closing: Promise<void> | null = null;

  constructor(
    private readonly options: InterfaceOptions,
    private readonly env: Environment,
  ) {}

  async open(): Promise<void> {
    const { options } = this;
    const { ports, parseHep, tunnelTo, media } = options.selection;
    // Media may use any port.
    const rtcp = options.selection.rtcp || (media ?? null) !== null;
    const tunnel = tunnelTo === null ? null : { address: tunnelTo, ports: [...ports] };
    const isMade = options.kernelFilter !== false || options.filter !== '';
    const filterOf = (kind: LinkKind) => (!isMade ? '' : kernelFilter({ filter: options.filter, ports, parseHep, rtcp, tunnel }, kind));
    const filters = { ethernet: filterOf('ethernet'), cooked: filterOf('cooked'), ip: filterOf('ip') };
    const interfaces = options.interfaces.map((device) => ({ ...options, device, filters }));
    this.capture = await LiveCapture.open(interfaces, this.env, () => this.end());
  }

  async read(intake: SourceIntake): Promise<void> {
    const frames = intake.frames(this.options.selection);
    await this.deliver((frame) => frames.frame(frame));
    await frames.finish();
  }

  /** Until stopped. */
  async deliver(take: (frame: Frame) => boolean): Promise<void> {
    void this.capture.start(take);
    await this.ended;
    await this.close();
  }

  async stop(): Promise<void> {
    this.end();
    await this.close();
  }

  /** A capture is stopped once: further calls wait for the same end. */
  private close(): Promise<void> {
    this.closing ??= this.capture.stop();
    return this.closing;
  }

  async updateLosses(ledger: Ledger): Promise<void> {
    const { capture } = this;
    ledger.dropped.add('kernel', capture.kernelDrops - this.kernelDrops);
    this.kernelDrops = capture.kernelDrops;
    for (const [name, count] of [
      ['dropped_by_interface', capture.interfaceDrops],
      ['captured_after_stop', capture.afterStop],
      ['capture_process_died', capture.restarts],
    ] as const) {
      const before = this.noted.get(name) ?? 0;
      if (count > before) ledger.notes.add(name, count - before);
      this.noted.set(name, count);
    }
  }
  private readonly noted = new Map<string, number>();

  inputs() {
    return this.capture.summary();
  }

  get gaveUp(): boolean {
    return this.capture.givenUp;
  }

  async commit(): Promise<void> {}
}
