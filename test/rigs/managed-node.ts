/** A node for the management commands: a switch and a few counters. */
import type { ManagedNode } from '../../src/lib/admin/mi/commands.js';

export function managedNode(): ManagedNode {
  return {
    captureOn: true,
    version: '1.2.3',
    statistics: () => ({ 'sipcapture:found': 5, 'database:written': 3 }),
    uptimeSeconds: () => 61.5,
    reload: async () => '',
    spool: () => ({ database: 0 }),
  };
}
