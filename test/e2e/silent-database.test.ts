/** Looking into a database that accepts connections and says nothing: the user is told, and Ctrl-C ends it. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { killAll, start, until } from '../rigs/sipcap.js';

const EXIT_INTERRUPTED = 130;
const sockets: Socket[] = [];
const server = createServer((socket) => sockets.push(socket.resume().on('error', () => {})));

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  killAll();
  for (const socket of sockets) socket.destroy();
  server.close();
});

const COMMANDS = [
  ['call', 'list'],
  ['call', 'stats'],
  ['call', 'show', '--latest'],
  ['call', 'export', '--call-id', 'x', '-w', '/dev/null'],
  ['report', 'list'],
  ['report', 'show', 'x'],
];

describe.each(['postgres', 'mysql', 'clickhouse'])('%s', (scheme) => {
  test.concurrent.each(COMMANDS.map((command) => [command.join(' '), command] as const))(
    '%s',
    async (_, command) => {
      const url = `${scheme}://sipcap:capture@127.0.0.1:${(server.address() as AddressInfo).port}/sipcap`;
      const running = start([...command, '--db', url]);
      await until(() => running.logged().includes('has sent nothing for 5 s: still waiting'), 'the notice', 30_000);
      running.child.kill('SIGINT');
      const { code, signal, stderr } = await running.ended;
      expect(stderr).not.toMatch(/internal error|\n {4}at /);
      expect(signal === 'SIGINT' ? EXIT_INTERRUPTED : code).toBe(EXIT_INTERRUPTED);
    },
    30_000,
  );
});
