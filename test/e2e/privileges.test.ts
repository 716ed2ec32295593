/** Dropped privileges: files created as root change owner, existing files do not, and unwritable ones are reported. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { killAll, root, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const USER = 'nobody';
const isRoot = process.getuid?.() === 0;

afterAll(() => {
  killAll();
  folder.remove();
});

async function sendDatagrams(port: number, datagrams: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
  socket.close();
}

/** Runs the steps in a separate process, which has no privileges afterwards. */
function steps(code: string): { stdout: string; stderr: string; status: number | null } {
  const module = join(root, 'dist/lib/pipeline/privileges.js');
  const text = `import { mkdirSync, writeFileSync, appendFileSync } from 'node:fs';
import { accountOf, checkWritable, dropTo, existing, giveTo } from ${JSON.stringify(module)};
${code}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8', cwd: folder.path });
}

(isRoot ? describe : describe.skip)('as root', () => {
  const user = isRoot ? Number(execFileSync('id', ['-u', USER], { encoding: 'utf8' })) : 0;
  chmodSync(folder.path, 0o755);

  test('an unknown user is refused before anything is opened', () => {
    expect(steps("accountOf('nosuchuser')").stderr).toContain("unknown user 'nosuchuser'");
  });

  test('created as root, written as the user; existing files, links and hard links keep their owner', () => {
    mkdirSync(at('spool'));
    writeFileSync(at('spool/old'), '');
    writeFileSync(at('secret'), '');
    const { stderr, status } = steps(`
      const paths = ['calls.db', 'spool', 'new'];
      const before = new Set(paths.flatMap(existing));
      for (const name of ['calls.db', 'calls.db-wal', 'spool/segment']) writeFileSync(name, '');
      mkdirSync('new');
      writeFileSync('new/file', '');
      const { linkSync, symlinkSync } = await import('node:fs');
      symlinkSync('../secret', 'spool/link');
      linkSync('secret', 'spool/second');
      giveTo(accountOf('${USER}'), paths, before);
      dropTo('${USER}');
      for (const name of ['calls.db', 'calls.db-wal', 'spool/segment', 'new/file', 'new/another']) appendFileSync(name, 'x');
    `);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(['spool', 'spool/old', 'secret'].map((name) => statSync(at(name)).uid)).toEqual([0, 0, 0]);
  });

  test('a file left behind by root is reported', () => {
    writeFileSync(at('left.db'), '');
    chmodSync(at('left.db'), 0o640);
    expect(steps(`dropTo('${USER}'); checkWritable(['left.db']);`).stderr).toContain('cannot write left.db');
    expect(steps(`dropTo('${USER}'); checkWritable(['absent/below/a.db']);`).stderr).toContain(`cannot write `);
  });

  test('serve with user: database, spool and FIFO are written after privileges are dropped', async () => {
    const hep = await freePort();
    mkdirSync(at('node'));
    execFileSync('chown', [USER, at('node')]);
    writeFileSync(
      at('node/serve.yaml'),
      `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:calls.db\nspool: {directory: spool}\nuser: ${USER}\nmi: {fifo: fifo}\n`,
    );
    const node = start(['serve', '-c', at('node/serve.yaml'), '--summary', 'json'], { cwd: at('node') });
    await until(() => node.logged().includes('serving '), `the node: ${node.logged()}`);
    expect(execFileSync('ps', ['-o', 'user=', '-p', String(node.child.pid)], { encoding: 'utf8' }).trim()).toBe(USER);
    await sendDatagrams(
      hep,
      (sipMessages(20) as Buffer[]).map((message, i) => hep3(message, i) as Buffer),
    );
    await until(() => existsSync(at('node/calls.db')), 'the database');
    const reply = await sipcap(['mi', 'get_statistics', '--fifo', at('node/fifo')]);
    expect({ code: reply.code, stderr: reply.stderr }).toEqual({ code: 0, stderr: '' });
    node.child.kill('SIGTERM');
    expect((await node.ended).code).toBe(0);
    expect(await count(at('node/calls.db'))).toBe(20);
    for (const name of readdirSync(at('node'), { recursive: true, encoding: 'utf8' }))
      if (name !== 'serve.yaml')
        expect({ name, owner: statSync(at(`node/${name}`)).uid, others: statSync(at(`node/${name}`)).mode & 0o007 }).toEqual({
          name,
          owner: user,
          others: 0,
        });
  });

  test('serve with user: a database owned by root is a startup error', async () => {
    mkdirSync(at('theirs'));
    execFileSync('chown', [USER, at('theirs')]);
    writeFileSync(at('theirs/calls.db'), '');
    chmodSync(at('theirs/calls.db'), 0o600);
    writeFileSync(at('theirs/serve.yaml'), `socket: [hep_udp:127.0.0.1:${await freePort()}]\ndb_url: sqlite:calls.db\nuser: ${USER}\n`);
    const ended = await sipcap(['serve', '-c', at('theirs/serve.yaml')], { cwd: at('theirs') });
    expect({ code: ended.code, named: ended.stderr.includes(`cannot write ${at('theirs/calls.db')}`) }).toEqual({ code: 2, named: true });
  });
});
