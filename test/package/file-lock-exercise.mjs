/** The addon for locks under the sanitizers: every kind of lock, by several threads at once, wrong arguments. Usage: file-lock-exercise.mjs FILE ROUNDS */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const THREADS = 4;

function exercise({ file, path, rounds }) {
  const addon = createRequire(import.meta.url)(file);
  const counts = { free: 0, held: 0 };
  const note = (error) => {
    if (error === 0) counts.free++;
    else if (getSystemErrorName(-error) === 'EAGAIN') counts.held++;
    else throw new Error(getSystemErrorName(-error));
  };
  for (let round = 0; round < rounds; round++) {
    const [one, other] = [openSync(path, 'r+'), openSync(path, 'r+')];
    for (let i = 0; i < 50; i++) {
      const isExclusive = (round + i) % 3 === 0;
      note(addon.lock(one, isExclusive));
      note(addon.lock(other, !isExclusive));
    }
    closeSync(one);
    closeSync(other);
    for (const wrong of [-1, 1 << 30]) if (getSystemErrorName(-addon.lock(wrong, true)) !== 'EBADF') throw new Error(`${wrong} was locked`);
    for (const args of [[], [0], ['0', true], [0, 1], [null, null], [{}, []]]) {
      let isRefused = false;
      try {
        addon.lock(...args);
      } catch {
        isRefused = true;
      }
      if (!isRefused) throw new Error(`not refused: ${JSON.stringify(args)}`);
    }
  }
  return counts;
}

if (isMainThread) {
  const [file, rounds] = [process.argv[2], Number(process.argv[3])];
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-lock-'));
  try {
    const path = join(folder, 'lock');
    closeSync(openSync(path, 'w'));
    const given = { workerData: { file, path, rounds } };
    const others = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url), given)).map(
      (worker) => new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)),
    );
    const all = [exercise(given.workerData), ...(await Promise.all(others))];
    const [free, held] = ['free', 'held'].map((name) => all.reduce((sum, counts) => sum + counts[name], 0));
    if (free === 0 || held === 0) throw new Error(`${free} locked, ${held} held`);
    console.log(`${free} locked, ${held} held by another`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else parentPort.postMessage(exercise(workerData));
