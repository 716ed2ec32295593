/** Looks every second which processes of a group hang: they are reported, and killed when they hang for long. */
import type { Log } from '../../base/index.js';
import type { ProcessSlot } from './process-slot.js';

export interface HangReactions {
  /** It has just begun to hang. */
  onHang(slot: ProcessSlot): void;
  onKill(): void;
}

export class HangWatch {
  constructor(
    private readonly slots: readonly ProcessSlot[],
    private readonly log: Log,
    private readonly reactions: HangReactions,
  ) {}

  look(): void {
    // All are looked at before the first is reported: two that hang at once are no "others" to each other.
    const found = this.slots.map((slot) => ({ slot, state: slot.look() }));
    for (const { slot, state } of found) {
      if (state === 'hangs') this.hang(slot);
      else if (state === 'lost') this.kill(slot);
    }
  }

  private hang(slot: ProcessSlot): void {
    this.log.warn(`${silence(slot)}${slot.isReady ? `: ${this.whereTo()}` : ''}`);
    this.reactions.onHang(slot);
  }

  private whereTo(): string {
    const hasOthers = this.slots.some(({ takesConnections }) => takesConnections);
    return hasOthers ? 'new connections go to the others' : 'no process takes connections, new ones wait';
  }

  private kill(slot: ProcessSlot): void {
    this.log.error(`${silence(slot)}: killed`);
    this.reactions.onKill();
    slot.killSilent();
  }
}

function silence({ index, isReady, silentLooks }: ProcessSlot): string {
  return `process ${index} has not answered for ${silentLooks} s${isReady ? '' : ' while it starts'}`;
}
