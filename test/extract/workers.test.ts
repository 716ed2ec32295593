/** Decoding workers as threads of this process: one that dies is restarted, and its frames are counted. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { silentLog, Ledger, accountingErrors, type Message } from '../../src/lib/base/index.js';
import type { DecodePool as Pool } from '../../src/lib/extract/workers/index.js';
import { options } from '../rigs/messages.js';
import * as make from '../rigs/frames.js';

const built = new URL('../../dist/lib/extract/workers/index.js', import.meta.url);
/** Threads run built JavaScript. */
const isBuilt = existsSync(fileURLToPath(built));
const WISHES = { ports: [], keepFrames: false, parseHep: false, tunnelTo: undefined };

function frame(i: number) {
  return make.frame(
    make.ethernet(
      make.ETHER_IPV4,
      make.udpPacket({ source: `127.4.0.${(i % 200) + 1}`, destination: '127.4.1.1' }, options(`worker-${i}`, 300)),
    ),
    { number: i + 1 },
  );
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 10_000) throw new Error('it never came true');
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

(isBuilt ? describe : describe.skip)('decoding workers (npm run build)', () => {
  test('a worker dies with frames in hand: they are counted as dropped, and processing continues', async () => {
    const { DecodePool } = (await import(built.href)) as { DecodePool: new (...args: ConstructorParameters<typeof Pool>) => Pool };
    const ledger = new Ledger();
    const found: Message[] = [];
    const pool = new DecodePool(2, WISHES, ledger, silentLog, (message) => {
      ledger.delivered++;
      found.push(message);
      return true;
    });
    for (let i = 0; i < 200; i++) pool.frame(frame(i));
    await until(() => ledger.received === 200);
    for (let i = 200; i < 400; i++) pool.frame(frame(i));
    // Like a crash: at any time, visible only by the exit event.
    void (pool as unknown as { shares: { worker: Worker }[] }).shares[0].worker.terminate();
    await until(() => ledger.notes.get('decode_worker_died') === 1);
    for (let i = 400; i < 600; i++) pool.frame(frame(i));
    await pool.finish();
    expect(ledger.received + ledger.dropped.total()).toBe(600);
    expect(ledger.received).toBe(found.length);
    expect(ledger.received).toBeGreaterThanOrEqual(400);
    expect(accountingErrors(ledger, [])).toEqual([]);
    expect(found.slice(-200).map(({ frameNumber }) => frameNumber)).toEqual(Array.from({ length: 200 }, (_, i) => i + 401));
  });

  test('many small batches before a worker is ready lose nothing: bytes are limited, not batches', async () => {
    const { DecodePool } = (await import(built.href)) as { DecodePool: new (...args: ConstructorParameters<typeof Pool>) => Pool };
    const ledger = new Ledger();
    const found: Message[] = [];
    const pool = new DecodePool(2, WISHES, ledger, silentLog, (message) => found.push(message) > 0);
    for (let i = 0; i < 500; i++) {
      expect(pool.frame(frame(i))).toBe(true);
      (pool as unknown as { flush(): void }).flush();
    }
    await pool.finish();
    expect(ledger.dropped.total()).toBe(0);
    expect(found.map(({ frameNumber }) => frameNumber)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  });

  test('data in flight at the end is delivered: a fragmented message, and one completed by the end', async () => {
    const { DecodePool } = (await import(built.href)) as { DecodePool: new (...args: ConstructorParameters<typeof Pool>) => Pool };
    const ledger = new Ledger();
    const found: Message[] = [];
    const pool = new DecodePool(3, { ...WISHES, keepFrames: true }, ledger, silentLog, (message) => found.push(message) > 0);
    const fragments = make.ipv4Fragments(
      { source: '127.4.0.1', destination: '127.4.1.1', protocol: make.IP_UDP, id: 3 },
      make.udp({}, options('in-pieces', 3000)),
      1000,
    );
    fragments.forEach((packet, i) => pool.frame(make.frame(make.ethernet(make.ETHER_IPV4, packet), { number: i + 1 })));
    await pool.finish();
    expect(found.map(({ frames }) => frames.map(({ number }) => number))).toEqual([[1, 2, 3, 4].slice(0, fragments.length)]);
    expect(found[0].payload.toString('latin1')).toContain('in-pieces');
    expect(ledger).toMatchObject({ received: fragments.length, complete: 1, part: fragments.length - 1, found: 1 });
  });
});
