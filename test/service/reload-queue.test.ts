/** Reloads one at a time: how many run for how many requests, what a request is answered, and what comes before and after serving. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../../src/lib/base/index.js';
import { ReloadQueue } from '../../src/lib/service/reload-queue.js';

let queue: ReloadQueue;
let endings: { resolve(why: string): void; reject(error: Error): void }[];
let logged: string[];

function start(): void {
  endings = [];
  logged = [];
  const reload = () => new Promise<string>((resolve, reject) => void endings.push({ resolve, reject }));
  queue = new ReloadQueue(reload, { ...silentLog, error: (text) => logged.push(text) });
}
afterEach(() => queue.release());

const turn = () => new Promise((resolve) => setImmediate(resolve));
const signal = () => void (process as NodeJS.EventEmitter).emit('SIGHUP');

describe('reloads', () => {
  test('a hundred signals and ten requests while one runs are one more', async () => {
    start();
    queue.serve();
    signal();
    for (let i = 0; i < 100; i++) signal();
    const answers = Array.from({ length: 10 }, () => queue.request());
    await turn();
    expect(endings).toHaveLength(1);
    endings[0].resolve('');
    await turn();
    expect(endings).toHaveLength(2);
    endings[1].resolve('line 3 is wrong');
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 10 }, () => 'line 3 is wrong'));
    await turn();
    expect(endings).toHaveLength(2);
  });

  test('one that comes after the last has ended runs by itself', async () => {
    start();
    queue.serve();
    for (let i = 0; i < 3; i++) {
      const answer = queue.request();
      endings[i].resolve(`${i}`);
      expect(await answer).toBe(`${i}`);
      await turn();
    }
  });

  test('signals before serving are one reload when it serves', async () => {
    start();
    signal();
    signal();
    await turn();
    expect(endings).toHaveLength(0);
    queue.serve();
    expect(endings).toHaveLength(1);
    endings[0].resolve('');
    await turn();
    expect(endings).toHaveLength(1);
  });

  test('a stopping node ends the one that runs, and begins no other', async () => {
    start();
    queue.serve();
    const [first, second] = [queue.request(), queue.request()];
    queue.end();
    endings[0].resolve('');
    expect([await first, await second, await queue.request()]).toEqual(['', 'the node is stopping', 'the node is stopping']);
    expect(endings).toHaveLength(1);
  });

  test('one that fails by a bug is logged once, and the next one runs', async () => {
    start();
    queue.serve();
    for (let i = 0; i < 5; i++) signal();
    endings[0].reject(new Error('bug'));
    await turn();
    expect(endings).toHaveLength(2);
    endings[1].resolve('');
    await turn();
    expect(logged).toEqual([expect.stringMatching(/^internal error, reload: Error: bug/)]);
  });
});
