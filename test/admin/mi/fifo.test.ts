/** The FIFO for commands with real FIFOs, links and folders: replies, targets that are never written to, and what is detected. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { MiFifo } from '../../../src/lib/admin/mi/fifo.js';
import { writeReply } from '../../../src/lib/admin/mi/reply-fifo.js';
import { systemClock, type Log } from '../../../src/lib/base/index.js';
import { managedNode } from '../../rigs/managed-node.js';
import { temporaryFolder, until } from '../../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const logged: string[] = [];
const write = (text: string) => void logged.push(text);
const log: Log = { debug: write, info: write, warn: write, error: write };
const node = managedNode();
const open: MiFifo[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  logged.length = 0;
  rmSync(at('fifo'), { force: true });
});
afterAll(() => folder.remove());

function start(replyDirectory = folder.path): MiFifo {
  const fifo = new MiFifo({ path: at('fifo'), replyDirectory, checkEveryMs: 20 }, node, systemClock, log);
  fifo.open();
  open.push(fifo);
  return fifo;
}

/** A reply FIFO with its reading end open, as a client has it. */
function replyFifo(name: string): { text(): string; close(): void } {
  execFileSync('mkfifo', ['-m', '600', at(name)]);
  const descriptor = openSync(at(name), constants.O_RDWR | constants.O_NONBLOCK);
  let all = '';
  return {
    text() {
      const bytes = Buffer.alloc(65_536);
      try {
        all += bytes.toString('utf8', 0, readSync(descriptor, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      return all;
    },
    close() {
      closeSync(descriptor);
      rmSync(at(name));
    },
  };
}

function send(text: string): void {
  const descriptor = openSync(at('fifo'), constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(descriptor, text);
  closeSync(descriptor);
}

test('a command gets its reply; the group may send commands, others may not', async () => {
  start();
  expect(statSync(at('fifo')).mode & 0o777).toBe(0o620);
  const reply = replyFifo('reply');
  send(':sip_capture:reply\n\n');
  await until(() => reply.text() === '200 OK\non\n\n', 'the reply');
  reply.close();
});

test('a reply larger than the pipe buffer arrives complete and once', async () => {
  const reply = replyFifo('long');
  const text = 'x'.repeat(300_000);
  const written = writeReply(folder.path, 'long', text);
  await until(() => reply.text().length >= text.length, 'all of it');
  await written;
  expect(reply.text()).toBe(text);
  reply.close();
});

test('a reply never goes to a link, a file, a hard-linked FIFO or another folder', async () => {
  start();
  writeFileSync(at('victim'), 'as it was');
  symlinkSync(at('victim'), at('link'));
  const real = replyFifo('real');
  symlinkSync(at('real'), at('link-to-fifo'));
  const twice = replyFifo('twice');
  linkSync(at('twice'), at('again'));
  mkdirSync(at('below'));
  for (const name of ['victim', 'link', 'link-to-fifo', 'twice', 'below/x', '../x', '.', '..', '.hidden', '/etc/passwd']) {
    logged.length = 0;
    send(`:sip_capture:${name}\n\n`);
    await until(() => logged.length > 0, `a refusal of ${name}`);
    expect(logged[0]).toContain('mi: no reply through');
  }
  expect(readFileSync(at('victim'), 'utf8')).toBe('as it was');
  expect([real.text(), twice.text()]).toEqual(['', '']);
  for (const one of [real, twice]) one.close();
});

test('a world-writable folder, a link to a folder and a missing folder are refused', () => {
  mkdirSync(at('open'));
  chmodSync(at('open'), 0o777);
  expect(() => start(at('open'))).toThrow('is writable by everybody');
  chmodSync(at('open'), 0o1777);
  expect(() => start(at('open'))).not.toThrow();
  symlinkSync(at('open'), at('link-to-folder'));
  expect(() => start(at('link-to-folder'))).toThrow('cannot open mi.reply_directory');
  expect(() => start(at('missing'))).toThrow('cannot open mi.reply_directory');
});

test('a path that is not a FIFO, a link to one, and a world-writable FIFO are refused', () => {
  writeFileSync(at('fifo'), '');
  expect(() => start()).toThrow('exists and is not a FIFO');
  rmSync(at('fifo'));
  execFileSync('mkfifo', ['-m', '600', at('elsewhere')]);
  symlinkSync(at('elsewhere'), at('fifo'));
  expect(() => start()).toThrow('cannot open the FIFO');
  rmSync(at('fifo'));
  execFileSync('mkfifo', ['-m', '622', at('fifo')]);
  expect(() => start()).toThrow('writable by everybody');
});

test('removal, or replacement by another FIFO or a file, is detected by inode', async () => {
  start();
  const reply = replyFifo('reply');
  rmSync(at('fifo'));
  await until(() => logged.some((line) => line.includes('was removed: created again')), 'a new FIFO');
  rmSync(at('fifo'));
  execFileSync('mkfifo', ['-m', '600', at('fifo')]);
  await until(
    () => logged.some((line) => line.includes('was replaced: reopened') || line.split('created again').length > 1),
    'the other FIFO',
  );
  rmSync(at('fifo'));
  writeFileSync(at('fifo'), 'a file');
  await until(() => logged.some((line) => line.includes('exists and is not a FIFO')), 'an error');
  rmSync(at('fifo'));
  await until(() => statSync(at('fifo'), { throwIfNoEntry: false })?.isFIFO() === true, 'a FIFO again');
  await until(() => {
    send(':sip_capture:reply\n\n');
    return reply.text().startsWith('200 OK\n');
  }, 'a reply through it');
  reply.close();
});

test('closing keeps the FIFO of another node that took over the path', async () => {
  const one = start();
  rmSync(at('fifo'));
  execFileSync('mkfifo', ['-m', '600', at('fifo')]);
  open.pop();
  await one.close();
  expect(statSync(at('fifo')).isFIFO()).toBe(true);
});

test('a FIFO that another node reads is refused, until that one ends', async () => {
  const one = start();
  expect(() => start()).toThrow(`another program reads the FIFO ${at('fifo')}`);
  open.pop();
  await one.close();
  expect(() => start()).not.toThrow();
});
