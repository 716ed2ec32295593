/** Enters the losses of listeners into a ledger; may be called repeatedly, each loss is counted once. */
import type { Ledger } from '../../base/index.js';
import { HepUdpListener } from '../../capture/hep/index.js';
import type { Listener } from './hep-listeners.js';

export class ListenerLosses {
  private readonly entered = new Map<Listener, Map<string, number>>();

  async update(listener: Listener, ledger: Ledger): Promise<void> {
    const before = this.entered.get(listener) ?? new Map<string, number>();
    this.entered.set(listener, before);
    const fresh = (name: string, count: number): number => {
      const more = count - (before.get(name) ?? 0);
      before.set(name, count);
      return more;
    };
    if (listener instanceof HepUdpListener) {
      const drops = fresh('socket_buffer', await listener.drops());
      if (drops > 0) ledger.dropped.add('socket_buffer', drops);
    }
    for (const [name, count] of Object.entries(listener.losses)) {
      const more = fresh(name, count);
      if (more > 0)
        ledger.notes.add(
          name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
          more,
        );
    }
  }
}
