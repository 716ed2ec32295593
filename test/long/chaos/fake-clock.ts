/** The clock of a program under test, which can be set while it runs (libfaketime). */
import { existsSync, writeFileSync } from 'node:fs';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

export class FakeClock {
  /** Null where the library is not installed. */
  static at(file: string): FakeClock | null {
    return existsSync(LIBRARY) ? new FakeClock(file) : null;
  }

  private constructor(private readonly file: string) {
    this.set(0);
  }

  /** Off by so many seconds from now on. */
  set(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s\n`);
  }

  get environment(): Record<string, string> {
    return { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  }
}
