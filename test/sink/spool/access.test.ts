/** Permissions and system errors: unreadable files are never deleted, and others have no access. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError, silentLog, systemClock } from '../../../src/lib/base/index.js';
import { segmentFileName } from '../../../src/lib/format/spool/index.js';
import { appendTexts, openSpool, range, readTexts, remove, segmentFiles, temporaryDirectory } from './spool-rig.js';

const NOBODY = 65_534;
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  if (isRoot) process.seteuid!(0);
  remove(directory);
});

const isRoot = process.getuid!() === 0;
const asRoot = isRoot ? test : test.skip;

async function filled(count: number): Promise<void> {
  const spool = await openSpool(directory, { segmentBytes: 400 });
  appendTexts(spool, 0, count);
  await spool.close();
}

describe('a segment that cannot be read', () => {
  asRoot('at start: refused with owner and way out, nothing is deleted', async () => {
    await filled(30);
    const files = segmentFiles(directory);
    chmodSync(directory, 0o750);
    chownSync(directory, NOBODY, NOBODY);
    chownSync(join(directory, 'lock'), NOBODY, NOBODY);
    for (const file of files) chmodSync(file, 0o600);
    process.seteuid!(NOBODY);
    const error = (await openSpool(directory).catch((caught: unknown) => caught)) as Error;
    process.seteuid!(0);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(
      `cannot read the spool segment ${files[0]}: EACCES (owner root, mode 0600, running as nobody): ` +
        `run as that user, or chown -R nobody ${directory}; nothing in the spool was deleted`,
    );
    expect(segmentFiles(directory)).toEqual(files);
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual(range(0, 30));
    await spool.close();
  });

  test('at startup, for any other reason: refused, nothing is deleted', async () => {
    await filled(30);
    const files = segmentFiles(directory);
    renameSync(files[1], `${files[1]}.away`);
    mkdirSync(files[1]);
    await expect(openSpool(directory)).rejects.toThrow(
      `cannot read the spool segment ${files[1]}: EISDIR; nothing in the spool was deleted`,
    );
    rmdirSync(files[1]);
    renameSync(`${files[1]}.away`, files[1]);
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual(range(0, 30));
    await spool.close();
  });

  test('at run time: reading stops, is retried, and resumes where it stopped', async () => {
    const logged: string[] = [];
    const log = { ...silentLog, error: (text: string) => logged.push(text), info: (text: string) => logged.push(text) };
    const spool = await openSpool(directory, { segmentBytes: 400, clock: systemClock, log });
    appendTexts(spool, 0, 30);
    await spool.flush();
    const [, second] = segmentFiles(directory);
    const first = Number(second.slice(-22, -6)) - 1;
    renameSync(second, `${second}.away`);
    mkdirSync(second);
    expect(readTexts(spool)).toEqual(range(0, first));
    spool.acknowledge(first);
    expect([spool.readFailure, spool.unread]).toEqual(['EISDIR', 30 - first]);
    await sleep(600); // maintenance has had its chance to delete something
    expect(spool.read()).toBeNull();
    rmdirSync(second);
    renameSync(`${second}.away`, second);
    await sleep(600);
    expect(readTexts(spool)).toEqual(range(first, 30));
    expect([spool.readFailure, spool.lost.total()]).toEqual(['', 0]);
    expect(logged).toEqual([
      expect.stringMatching(/cannot read: EISDIR.*trying again until it can/),
      expect.stringContaining('can be read again'),
    ]);
    await spool.close();
  });

  test('of a later version: refused, kept', async () => {
    await filled(3);
    const [file] = segmentFiles(directory);
    const bytes = readFileSync(file);
    bytes[9] = 3;
    writeFileSync(file, bytes);
    await expect(openSpool(directory)).rejects.toThrow(
      /has a format that this version of sipcap does not know: use the version that wrote it/,
    );
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});

describe('the folder', () => {
  asRoot('of another account: refused with the owner', async () => {
    chmodSync(directory, 0o755);
    process.seteuid!(NOBODY);
    await expect(openSpool(directory)).rejects.toThrow(
      `EACCES (owner root, mode 0755, running as nobody): run as that user, or chown -R nobody ${directory}`,
    );
  });

  asRoot('that this account cannot create: how an administrator does', async () => {
    chmodSync(directory, 0o755);
    const missing = join(directory, 'new');
    process.seteuid!(NOBODY);
    await expect(openSpool(missing)).rejects.toThrow(
      new UsageError(
        `cannot create the spool ${missing}: EACCES (running as nobody): install -d -o nobody -m 750 ${missing} as root, or name another folder`,
      ),
    );
  });

  test('that is world-writable is refused', async () => {
    chmodSync(directory, 0o777);
    await expect(openSpool(directory)).rejects.toThrow(`is writable by every user (mode 0777): chmod o-w ${directory}`);
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  asRoot('of an account: what root creates in it is that account’s', async () => {
    chownSync(directory, NOBODY, NOBODY);
    const place = join(directory, 'new', 'database');
    const spool = await openSpool(place);
    appendTexts(spool, 0, 3);
    spool.acknowledge(1);
    await spool.close();
    for (const path of [join(directory, 'new'), place, ...['lock', 'acknowledged', segmentFileName(1)].map((name) => join(place, name))])
      expect([path, statSync(path).uid]).toEqual([path, NOBODY]);
    process.seteuid!(NOBODY);
    const again = await openSpool(place);
    expect(readTexts(again)).toEqual([1, 2]);
    await again.close();
  });

  test('and its files are private, whatever the umask', async () => {
    const umask = process.umask(0);
    const place = join(directory, 'database');
    const spool = await openSpool(place);
    appendTexts(spool, 0, 3);
    spool.acknowledge(1);
    await spool.close();
    process.umask(umask);
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([place, segmentFiles(place)[0], join(place, 'acknowledged'), join(place, 'lock')].map(modeOf)).toEqual([
      '750',
      '640',
      '640',
      '600',
    ]);
  });
});

test('a new segment never overwrites an existing file', async () => {
  const spool = await openSpool(directory);
  const target = join(directory, 'precious');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(directory, segmentFileName(1)));
  expect(spool.append(Buffer.from('record'))).toBe(false);
  expect([spool.refusal, spool.status().failure]).toEqual(['spool_write_failed', 'EEXIST']);
  expect(readFileSync(target, 'utf8')).toBe('precious');
  await spool.close();
});
