/** The lock of a spool: between processes, containers and accounts, with the addon and with flock(1). */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { lockByProgram, lockFile } from '../../../src/lib/sink/spool/file-lock.js';
import { lockSpool } from '../../../src/lib/sink/spool/lock.js';
import { until } from '../relay/relay-rig.js';
import { Child } from './children.js';
import { openSpool, remove, temporaryDirectory } from './spool-rig.js';

const APPENDER = 'test/sink/spool/child-appender.ts';
/** A process in a pid namespace of its own sees no other, and is number 1; --kill-child ends it with unshare. */
const CONTAINER = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child'];

let directory: string;
const children: Child[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  remove(directory);
});

function appender(wrapper: string[] = []): Child {
  const child = new Child(APPENDER, [directory, 'never'], wrapper);
  children.push(child);
  return child;
}

const hasNamespaces = spawnSync(CONTAINER[0], [...CONTAINER.slice(1), 'true']).status === 0;

(hasNamespaces ? test : test.skip)('two containers do not share a spool, and a killed one is no obstacle', async () => {
  const first = appender(CONTAINER);
  await until('it writes', () => first.lines.length > 0 || first.ended);
  expect(first.errors).toBe('');
  const second = appender(CONTAINER);
  await second.end();
  expect(second.errors).toMatch(/is in use by process 1\b.*two processes cannot share a spool/);
  await expect(openSpool(directory)).rejects.toThrow(/in use by process 1\b/);
  await first.kill();
  // The namespace dies with its first process, a moment later.
  await until('the lock is free', () => inspectSpool(directory).ownerPid === 0);
  await (await openSpool(directory)).close();
});

(process.getuid!() === 0 ? test : test.skip)('another account can neither open the lock nor hold it', async () => {
  await (await openSpool(directory)).close();
  spawnSync('chmod', ['755', directory]);
  const squat = spawnSync('flock', ['-n', join(directory, 'lock'), 'true'], { uid: 65_534, gid: 65_534, encoding: 'utf8' });
  expect(squat.status).not.toBe(0);
  expect(squat.stderr).toMatch(/Permission denied/);
});

test('the addon and flock(1) respect each other; the lock ends with the descriptor', () => {
  const path = join(directory, 'file');
  writeFileSync(path, '');
  const [first, second] = [openSync(path, 'r+'), openSync(path, 'r+')];
  expect(lockByProgram(first, true)).toEqual({ held: false, problem: '' });
  expect(lockFile(second, true)).toEqual({ held: true, problem: '' });
  expect(lockFile(second, false)).toEqual({ held: true, problem: '' });
  closeSync(first);
  expect(lockFile(second, true)).toEqual({ held: false, problem: '' });
  const third = openSync(path, 'r+');
  expect(lockByProgram(third, true)).toEqual({ held: true, problem: '' });
  closeSync(second);
  expect(lockByProgram(third, false)).toEqual({ held: false, problem: '' });
  closeSync(third);
});

test('without either the spool is refused, with the reason', async () => {
  const without = (descriptor: number, exclusive: boolean) => lockByProgram(descriptor, exclusive, 'no-such-flock');
  await expect(lockSpool(directory, without)).rejects.toThrow(
    /cannot lock the spool .*: the addon native\/file-lock\.c is not built and no-such-flock\(1\) cannot run \(.*ENOENT/,
  );
});

test('the lock file names its owner, is never deleted, and a replaced one is detected', async () => {
  const spool = await openSpool(directory);
  const path = join(directory, 'lock');
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid} ${hostname()}\n`);
  expect(inspectSpool(directory)).toMatchObject({ ownerPid: process.pid, ownerHost: hostname() });
  await spool.close();
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid} ${hostname()}\n`);
  expect(inspectSpool(directory)).toMatchObject({ ownerPid: 0, ownerHost: '' });
  const replaced = lockSpool(directory, (descriptor, exclusive) => {
    renameSync(path, `${path}.old`);
    writeFileSync(path, '');
    return lockFile(descriptor, exclusive);
  });
  await expect(replaced).rejects.toThrow('was replaced while it was being locked');
});
