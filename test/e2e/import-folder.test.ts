/** The script for cron that the README shows, on a folder of captures, into each database: run twice, with a truncated file among them. */
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { pcap } from '../rigs/capture-files.js';
import { databaseMakers } from '../rigs/databases.js';
import { ethernet, tcpPacket } from '../rigs/frames.js';
import { plainRequest } from '../rigs/sip.js';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const bin = join(folder.path, 'bin');
const calls = join(folder.path, 'calls');
mkdirSync(bin);
// Each start of the program leaves a line.
writeFileSync(join(bin, 'sipcap'), `#!/bin/sh\necho "$@" >> ${calls}\nexec ${process.execPath} ${join(root, 'bin/run.js')} "$@"\n`);
chmodSync(join(bin, 'sipcap'), 0o755);

afterAll(() => folder.remove());

const run = (...args: string[]) => runIn({ PATH: `${bin}:${process.env.PATH}` }, ...args);

function runIn(env: Record<string, string>, ...args: string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    execFile(join(root, 'samples/import-folder.sh'), args, { env: { ...process.env, ...env } }, (error, _stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

const starts = () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').length - 1 : 0);
const OLD = 1_700_000_000;
const write = (file: string, bytes: Buffer, time: number) => {
  writeFileSync(file, bytes);
  utimesSync(file, time, time);
};

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  test('every capture is stored once; the truncated one is reported; a second run stores nothing', async () => {
    const database = await make();
    const captures = join(folder.path, kind);
    mkdirSync(captures);
    const messages = sipMessages(300) as Buffer[];
    writeFileSync(join(captures, 'a.pcap'), pcapFile(messages.slice(0, 100)) as Buffer);
    writeFileSync(join(captures, 'b with space.pcap'), pcapFile(messages.slice(100, 200)) as Buffer);
    write(join(captures, 'c.pcap'), (pcapFile(messages.slice(200)) as Buffer).subarray(0, -100), OLD);
    copyFileSync(join(captures, 'a.pcap'), join(captures, 'copy of a.pcap'));
    const first = await run(captures, database.url);
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/^\S*c\.pcap: exit code 3: pcap record 100: .*\(see .*import\.log\)\n$/);
    const count = async () => Number((await database.query('SELECT count(*) AS n FROM sip_capture'))[0].n);
    expect(await count()).toBe(299);
    const before = starts();
    expect(await run(captures, database.url)).toEqual({ code: 0, stderr: '' });
    expect([await count(), starts()]).toEqual([299, before]);
    expect(readFileSync(join(captures, 'import.log'), 'utf8')).not.toContain('capture@');
    await database.drop();
  }, 90_000);

  test('database unavailable: reported, exit code 4, and the next run resumes', async () => {
    const captures = join(folder.path, `away-${kind}`);
    mkdirSync(captures);
    writeFileSync(join(captures, 'a.pcap'), pcapFile(sipMessages(10) as Buffer[]) as Buffer);
    const ended = await run(
      captures,
      kind === 'sqlite' ? 'sqlite:/proc/none/calls.db' : `${kind === 'mysql' ? 'mysql' : 'postgres'}://sipcap:capture@127.0.0.1:9/sipcap`,
    );
    // A folder that does not exist is for the operator to correct.
    const code = kind === 'sqlite' ? 2 : 4;
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(`exit code ${code}`) as unknown as string });
  });
});

test('a rotated set: a message that spans two files is stored with the second; imported files are not read again', async () => {
  const captures = join(folder.path, 'rotated');
  mkdirSync(captures);
  const calls = ['one', 'two', 'three', 'four'].map((id) =>
    plainRequest('MESSAGE', [`Call-ID: ${id}`, 'Content-Length: 300'], id.padEnd(300)),
  );
  const stream = Buffer.concat(calls);
  const edges = [0, 900, 1500, stream.length];
  const add = (i: number) => {
    const bytes = ethernet(0x0800, tcpPacket({ sequence: 1 + edges[i], flags: 'PA' }, stream.subarray(edges[i], edges[i + 1])));
    const file = join(captures, `rotated ${9 - i}.pcap`);
    writeFileSync(file, pcap({ records: [{ seconds: 1_700_000_000 + i, fraction: 0, bytes }] }));
    utimesSync(file, 1_700_000_000 + i, 1_700_000_000 + i);
  };
  const { make } = databaseMakers()[0];
  const database = await make();
  for (const i of [0, 1, 2]) {
    add(i);
    expect((await run(captures, database.url)).code).toBe(0);
  }
  const stored = (await database.query('SELECT msg FROM sip_capture')).map(({ msg }) => Buffer.from(msg as Buffer));
  expect(calls.map((call) => stored.filter((each) => each.equals(call)).length)).toEqual([1, 1, 1, 1]);
  const log = () => readFileSync(join(captures, 'import.log'), 'utf8');
  const before = log();
  expect((await run(captures, database.url)).code).toBe(0);
  expect(log()).toBe(before);
  await database.drop();
}, 90_000);

describe('one database', () => {
  const database = databaseMakers()[0].make();
  afterAll(async () => (await database).drop());
  const rows = async () => Number((await (await database).query('SELECT count(*) AS n FROM sip_capture'))[0].n);
  const whole = (from: number, to: number) => pcapFile((sipMessages(40) as Buffer[]).slice(from, to)) as Buffer;
  const make = (name: string): string => {
    const captures = join(folder.path, name);
    mkdirSync(captures);
    return captures;
  };

  test('an unreadable file is reported once, and read again when it has changed or its line is deleted', async () => {
    const { url } = await database;
    const captures = make('unreadable');
    const [bad, good] = ['a [1] = bad\\.pcap', 'b.pcap'].map((name) => join(captures, name));
    write(bad, Buffer.from('no capture'), OLD);
    write(good, whole(0, 10), OLD + 1);
    expect(await run(captures, url)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^.*bad\\\.pcap: exit code 3: .*\n$/) as unknown,
    });
    expect(await rows()).toBe(10);
    const before = starts();
    expect([await run(captures, url), starts()]).toEqual([{ code: 0, stderr: '' }, before]);
    rmSync(join(captures, '.sipcap.unreadable'));
    expect([(await run(captures, url)).code, starts()]).toEqual([3, before + 1]);
    write(bad, whole(10, 20), OLD + 2);
    expect(await run(captures, url)).toEqual({ code: 0, stderr: '' });
    expect(await rows()).toBe(20);
    expect(readFileSync(join(captures, '.sipcap.imported'), 'utf8')).toContain(bad.slice(captures.length));
    // Files that are gone leave the list.
    rmSync(bad);
    expect(await run(captures, url)).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(captures, '.sipcap.imported'), 'utf8').trimEnd().split('\n')).toEqual([expect.stringMatching(/\/b\.pcap$/)]);
  }, 90_000);

  test('a file that is still being written is not reported; what it holds so far is stored, and the rest later', async () => {
    const { url } = await database;
    const captures = make('written');
    const before = await rows();
    const file = join(captures, 'now.pcap');
    writeFileSync(file, whole(20, 30).subarray(0, -50));
    expect(await run(captures, url)).toEqual({ code: 0, stderr: '' });
    expect(await rows()).toBe(before + 9);
    writeFileSync(file, whole(20, 32));
    expect(await run(captures, url)).toEqual({ code: 0, stderr: '' });
    expect(await rows()).toBe(before + 12);
    write(file, whole(20, 32).subarray(0, -50), OLD);
    expect((await run(captures, url)).code).toBe(3);
  }, 90_000);

  test('the log is rotated above a million bytes, and four old ones are kept', async () => {
    const { url } = await database;
    const captures = make('log');
    const log = join(captures, 'import.log');
    const before = starts();
    for (let round = 1; round <= 6; round++) {
      appendFileSync(log, `round ${round}\n`.padEnd(1_000_001, '.'));
      expect(await run(captures, url)).toEqual({ code: 0, stderr: '' });
    }
    expect(starts()).toBe(before);
    expect([1, 2, 3, 4].map((number) => readFileSync(`${log}.${number}`, 'utf8').slice(0, 7))).toEqual(
      [6, 5, 4, 3].map((round) => `round ${round}`),
    );
    expect([existsSync(`${log}.5`), existsSync(log) && statSync(log).size]).toEqual([false, false]);
  }, 90_000);

  test('wrong use: what is missing, exit code 2, and nothing is listed as unreadable', async () => {
    const captures = make('wrong');
    write(join(captures, 'a.pcap'), whole(0, 1), OLD);
    expect(await run(captures)).toEqual({ code: 2, stderr: 'usage: import-folder.sh FOLDER DB_URL\n' });
    expect(await run(join(captures, 'none'), 'sqlite:a.db')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none' is no folder that \S+ can write to\n$/) as unknown,
    });
    expect(await runIn({ PATH: '/usr/bin:/bin' }, captures, 'sqlite:a.db')).toEqual({
      code: 2,
      stderr: 'import-folder.sh: sipcap not found in PATH=/usr/bin:/bin: set PATH in the crontab\n',
    });
    expect(existsSync(join(captures, '.sipcap.unreadable'))).toBe(false);
  });
});
