/** The script for cron that the README shows, on a folder of captures, into each database: run twice, with a cut file among them. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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
mkdirSync(bin);
symlinkSync(join(root, 'bin/run.js'), join(bin, 'sipcap'));

afterAll(() => folder.remove());

function run(captures: string, url: string): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    execFile(
      join(root, 'samples/import-folder.sh'),
      [captures, url],
      { env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } },
      (error, _stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  test('every capture is stored once; the truncated one is reported; a second run stores nothing', async () => {
    const database = await make();
    const captures = join(folder.path, kind);
    mkdirSync(captures);
    const messages = sipMessages(300) as Buffer[];
    writeFileSync(join(captures, 'a.pcap'), pcapFile(messages.slice(0, 100)) as Buffer);
    writeFileSync(join(captures, 'b with space.pcap'), pcapFile(messages.slice(100, 200)) as Buffer);
    writeFileSync(join(captures, 'c.pcap'), (pcapFile(messages.slice(200)) as Buffer).subarray(0, -100));
    copyFileSync(join(captures, 'a.pcap'), join(captures, 'copy of a.pcap'));
    const first = await run(captures, database.url);
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/c\.pcap: exit code 3/);
    const count = async () => Number((await database.query('SELECT count(*) AS n FROM sip_capture'))[0].n);
    expect(await count()).toBe(299);
    expect((await run(captures, database.url)).code).toBe(3);
    expect(await count()).toBe(299);
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
