/**
 * Whether each live input is up, when its last packet came, and a warning where one has been silent for too long. It looks
 * at the inputs' own counters once a second, which costs the packets nothing.
 */
import type { Clock, Log } from '../base/index.js';
import type { InputSummary } from './summary.js';

const LOOK_EVERY_MS = 1000;

export interface InputStatus {
  name: string;
  /** Why it is down; '' while it is up. */
  problem: string;
  /** When a packet was last seen, microseconds since 1970; 0 where none was. */
  lastPacketAt: number;
  /** Up, and without a packet for longer than `silentAfterSeconds`. */
  isSilent: boolean;
}

interface Watched extends InputStatus {
  packets: number;
  /** Monotonic time since when no packet came, milliseconds. */
  quietSince: number;
}

export class InputMonitor {
  /** 0: never. */
  silentAfterSeconds: number;
  private watched = new Map<string, Watched>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly inputs: () => readonly InputSummary[],
    { silentAfterSeconds = 0 }: { silentAfterSeconds?: number },
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.silentAfterSeconds = silentAfterSeconds;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** As of now. */
  status(): readonly InputStatus[] {
    this.look();
    return [...this.watched.values()];
  }

  look(): void {
    const open = byName(this.inputs());
    const now = this.clock.monotonic();
    const before = this.watched;
    this.watched = new Map(open.map((input) => [input.name, this.seen(before.get(input.name), input, now)]));
  }

  private seen(known: Watched | undefined, { name, packets, problem }: InputSummary, now: number): Watched {
    const input = known ?? { name, problem, packets: 0, lastPacketAt: 0, isSilent: false, quietSince: now };
    const wasDown = input.problem !== '';
    input.problem = problem;
    if (packets > input.packets) {
      if (input.isSilent) this.log.info(`${name}: receiving packets again after ${seconds(now - input.quietSince)}`);
      Object.assign(input, { packets, lastPacketAt: this.clock.now(), isSilent: false, quietSince: now });
    } else if (packets < input.packets) input.packets = packets;
    // An input that is down has been reported as that; its silence counts from when it is up again.
    if (problem !== '' || wasDown) Object.assign(input, { isSilent: false, quietSince: now });
    const isSilent = this.silentAfterSeconds > 0 && now - input.quietSince >= this.silentAfterSeconds * 1000;
    if (isSilent && !input.isSilent) this.log.warn(`${name}: no packets for ${seconds(now - input.quietSince)}`);
    input.isSilent = isSilent;
    return input;
  }
}

/** Two captures of one interface are one input. */
function byName(inputs: readonly InputSummary[]): InputSummary[] {
  const all = new Map<string, InputSummary>();
  for (const input of inputs) {
    const { packets = 0, problem = '' } = all.get(input.name) ?? {};
    all.set(input.name, { ...input, packets: packets + input.packets, problem: problem || input.problem });
  }
  return [...all.values()];
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
