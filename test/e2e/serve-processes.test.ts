/** `serve` with `processes`: management and metrics for all of them, reloads by all or by none, and a process that is killed. */
import { createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { SERVERS_ARE_MISSING, databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { freePort } from '../rigs/free-port.js';
import { processesOf, sendTcp } from '../rigs/processes.js';
import { stop } from '../rigs/serving.js';
import { killAll, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const packets = (sipMessages(400) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  folder.remove();
});

async function rows(database: TestDatabase): Promise<number> {
  const [row] = await database.query('SELECT count(*) AS n FROM sip_capture').catch(() => [{ n: 0 }]);
  return Number(row.n);
}

(SERVERS_ARE_MISSING ? describe.skip : describe)('serve with two processes', () => {
  test('reload, management, metrics, a kill, and the summary', async () => {
    const database = await databaseMakers()[2].make();
    const [first, second, web, taken] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const text = (more: string, sockets: string) => `
db_url: ${database.url}
processes: 2
socket: [${sockets}]
metrics: { listen: "127.0.0.1:${web}" }
mi: { http: "127.0.0.1:${web}" }
log: { format: text }
spool: { directory: spool }
${more}`;
    const route = (name: string) =>
      `hep_route: all\nroute: |\n  route[all] {\n    update_stat("${name}", "+1");\n    sip_capture();\n  }\n`;
    const file = join(folder.path, 'node.yaml');
    writeFileSync(file, text(route('before'), `"hep_tcp:127.0.0.1:${first}"`));
    const running = start(['serve', '-c', file, '--summary', 'json'], { cwd: folder.path });
    await until(() => running.logged().includes(`serving ${file}`), 'the processes', 60_000);
    const metrics = async () => (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
    const value = (all: string, name: string) =>
      Number(
        all
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? NaN,
      );
    const mi = async (method: string, params?: unknown) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await fetch(`http://127.0.0.1:${web}/mi`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      return (await response.json()) as { result?: unknown; error?: { message: string } };
    };
    await Promise.all([0, 1].map((i) => sendTcp(first, Buffer.concat(packets.slice(100 * i, 100 * i + 100)), `127.0.3.${i + 1}`)));
    await until(async () => (await rows(database)) === 200, 'the first messages');
    const before = await metrics();
    expect({
      found: value(before, 'sipcap_messages_found_total'),
      written: value(before, 'sipcap_output_written_total{output="database"}'),
      counted: value(before, 'sipcap_script_statistic{name="dynamic:before"}'),
      up: [0, 1].map((i) => value(before, `sipcap_process_up{process="${i}"}`)),
      errors: value(before, 'sipcap_accounting_errors'),
      batches:
        value(before, 'sipcap_batch_seconds_count{output="database",outcome="ok"}') > 0 ||
        /sipcap_batch_seconds_count\{[^}]*\} [1-9]/.test(before),
    }).toEqual({ found: 200, written: 200, counted: 200, up: [1, 1], errors: 0, batches: true });
    // A port that cannot be opened: nothing changes.
    const server = createServer();
    await new Promise<void>((done) => server.listen(taken, '127.0.0.1', done));
    writeFileSync(file, text(route('never'), `"hep_tcp:127.0.0.1:${first}", "hep_tcp:127.0.0.1:${taken}"`));
    expect((await mi('reload')).error?.message).toMatch(/port in use/);
    // A script with errors, and a listener that only the processes find out about.
    writeFileSync(file, text('route: |\n  nonsense(;\n', `"hep_tcp:127.0.0.1:${first}"`));
    expect((await mi('reload')).error?.message).toMatch(/has errors/);
    writeFileSync(file, text('table_name: same\nrtcp_table_name: same\n', `"hep_tcp:127.0.0.1:${first}"`));
    expect((await mi('reload')).error?.message).toBeDefined();
    server.close();
    // One that all of them can.
    writeFileSync(file, text(route('after'), `"hep_tcp:127.0.0.1:${first}", "hep_tcp:127.0.0.1:${second}"`));
    expect(await mi('reload')).toMatchObject({ result: 'OK' });
    await Promise.all([2, 3].map((i) => sendTcp(second, Buffer.concat(packets.slice(100 * i, 100 * i + 50)), `127.0.3.${i - 1}`)));
    await until(async () => (await rows(database)) === 300, 'the messages after the reload');
    const after = await metrics();
    expect([
      value(after, 'sipcap_script_statistic{name="dynamic:after"}'),
      value(after, 'sipcap_script_statistic{name="dynamic:before"}'),
    ]).toEqual([100, 200]);
    expect(running.logged().match(/configuration reloaded/g)).toHaveLength(1);
    // Storing is switched off for all, also for one that starts again.
    expect(await mi('sip_capture', { capture_mode: 'off' })).toMatchObject({ result: 'OK' });
    const pid = processesOf(running).get(1)!;
    process.kill(pid, 'SIGKILL');
    await until(async () => value(await metrics(), 'sipcap_process_restarts_total{process="1"}') === 1, 'the restart', 30_000);
    await until(async () => (await fetch(`http://127.0.0.1:${web}/readyz`)).status === 200, 'all to be ready', 30_000);
    await Promise.all([2, 3].map((i) => sendTcp(second, Buffer.concat(packets.slice(100 * i + 50, 100 * i + 100)), `127.0.3.${i - 1}`)));
    await until(async () => value(await metrics(), 'sipcap_messages_found_total') === 400, 'the last messages');
    expect(readFileSync(file, 'utf8')).toContain('after');
    const { code, all } = await stop(running);
    expect([code, all.accounting_errors, all.messages.found, await rows(database)]).toEqual([0, [], 400, 300]);
    expect(all.notes).toMatchObject({ process_died: 1, process_restarted: 1 });
    await database.drop();
  }, 120_000);
});
