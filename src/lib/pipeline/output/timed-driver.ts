/** A driver whose batches are measured. */
import type { Clock, StoreDriver } from '../../base/index.js';

export function timedDriver(driver: StoreDriver, clock: Clock, onBatch: (seconds: number, outcome: string) => void): StoreDriver {
  return {
    open: () => driver.open(),
    write: async (batch) => {
      const began = clock.monotonic();
      const result = await driver.write(batch);
      onBatch((clock.monotonic() - began) / 1000, result.outcome);
      return result;
    },
    close: () => driver.close(),
  };
}
