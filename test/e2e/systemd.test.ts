/** `serve` under a service manager: its notifications through NOTIFY_SOCKET (sd_notify(3)), with the real systemd-notify. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { killAll, start, temporaryFolder, until } from '../rigs/sipcap.js';

const absent = ['systemd-notify', 'python3'].find((tool) => spawnSync(tool, ['--version']).error !== undefined);
const folder = temporaryFolder();
/** Prints each datagram as a line. */
const LISTENER = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", " ").strip(), flush=True)
`;

(absent === undefined ? describe : describe.skip)(`serve and its manager${absent === undefined ? '' : ` (needs ${absent})`}`, () => {
  let manager: ChildProcess | null = null;
  afterAll(() => {
    killAll();
    manager?.kill();
    folder.remove();
  });

  test('ready, watchdog, reloading, ready again, stopping', async () => {
    const socket = join(folder.path, 'notify');
    manager = spawn('python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    manager.stdout!.on('data', (text: Buffer) => (heard += String(text)));
    await until(() => heard.includes('bound'), 'the manager');
    const file = join(folder.path, 'serve.yaml');
    writeFileSync(file, `socket: [hep_udp:127.0.0.1:${await freePort()}]\ndb_url: sqlite:${join(folder.path, 'a.db')}\n`);
    const node = start(['serve', '-c', file], { cwd: folder.path, env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' } });
    await until(() => heard.includes('READY=1'), `readiness: ${node.logged()}`);
    expect(heard).toMatch(new RegExp(`STATUS=serving ${file}`));
    expect(heard).toMatch(new RegExp(`MAINPID=${node.child.pid}`));
    await until(() => heard.split('WATCHDOG=1').length > 3, 'three signs of life');
    heard = '';
    node.child.kill('SIGHUP');
    await until(() => heard.includes('RELOADING=1') && heard.includes('READY=1'), 'the reload');
    expect(heard.indexOf('RELOADING=1')).toBeLessThan(heard.indexOf('READY=1'));
    node.child.kill('SIGTERM');
    await node.ended;
    await until(() => heard.includes('STOPPING=1'), 'the end');
  }, 90_000);
});
