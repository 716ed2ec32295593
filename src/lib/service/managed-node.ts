/** A node as the management commands see it. */
import type { ManagedNode } from '../admin/mi/commands.js';
import type { Ledger, NamedCounts } from '../base/index.js';

/** A node of one process, or of several. */
export interface Managed {
  captureOn: boolean;
  summary(): { ledger: Ledger; sinks: readonly NamedCounts[] };
  readonly outputs: { readonly captured: { requests: number; replies: number } };
  readonly scriptMemory: { statistics: { entries(): [string, number][] } };
}

export function managedNode(node: Managed, uptimeSeconds: () => number, version: string, reload: () => Promise<string>): ManagedNode {
  return {
    get captureOn() {
      return node.captureOn;
    },
    set captureOn(on) {
      node.captureOn = on;
    },
    version,
    uptimeSeconds,
    reload,
    statistics() {
      const { ledger, sinks } = node.summary();
      const { requests, replies } = node.outputs.captured;
      const all: Record<string, number> = {
        'sipcapture:captured_requests': requests,
        'sipcapture:captured_replies': replies,
        'sipcapture:received': ledger.received,
        'sipcapture:found': ledger.found,
        'sipcapture:delivered': ledger.delivered,
        'sipcapture:dropped': ledger.dropped.total(),
        'sipcapture:rejected': ledger.rejected.total(),
        'sipcapture:filtered': ledger.filtered.total(),
        'sipcapture:undecoded': ledger.undecoded,
      };
      for (const { sink, counts } of sinks) {
        const name = sink.replaceAll(' ', '_');
        for (const key of ['delivered', 'written', 'refused', 'waiting', 'lost'] as const)
          all[`${name}:${key}`] = (all[`${name}:${key}`] ?? 0) + counts[key];
      }
      return { ...all, ...Object.fromEntries(node.scriptMemory.statistics.entries()) };
    },
    spool() {
      const { ledger, sinks } = node.summary();
      return Object.fromEntries([
        ['undecoded packets', ledger.undecoded],
        ...sinks.map(({ sink, counts }) => [sink, counts.waiting] as const),
      ]);
    },
  };
}
