/** `serve`: management and metrics, the switch, reloads. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query as ask } from '../rigs/database.js';
import { marked, sendUdp, serveIn, stop } from '../rigs/serving.js';
import { killAll, root, sipcap, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(6000) as Buffer[]).map((message, i) => hep3(marked(message, `number ${i}`), i) as Buffer);
const serve = (name: string, text: string) => serveIn(folder.path, name, text);

afterAll(() => {
  killAll();
  folder.remove();
});

const curl = (url: string, ...args: string[]) => spawnSync('curl', ['-s', '-m', '5', ...args, url], { encoding: 'utf8' }).stdout;
/** Of a POST of JSON: the status, and with `body` the body. */
const JSON_TYPE = ['-X', 'POST', '-H', 'Content-Type: application/json'];
const STATUS = ['-o', '/dev/null', '-w', '%{http_code}'];

/** With a correlation id (chunk 0x0011) and a correlation map (chunk 0x0065). */
function withCorrelations(packet: Buffer): Buffer {
  const chunk = (type: number, text: string) => Buffer.concat([Buffer.from([0, 0, 0, type, 0, 6 + text.length]), Buffer.from(text)]);
  const whole = Buffer.concat([packet, chunk(0x11, 'by-id'), chunk(0x65, '{"a":"b"}')]);
  whole.writeUInt16BE(whole.length, 4);
  return whole;
}

describe('one node', () => {
  test.each([
    ['on', 'by-id'],
    ['off', '{"a":"b"}'],
  ])('homer5_on %s: correlation_id is %s', async (homer5, expected) => {
    const hep = await freePort();
    const db = `sqlite:${at(`homer5-${homer5}.db`)}`;
    const running = await serve(`homer5-${homer5}.yaml`, `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: ${db}\nhomer5_on: ${homer5}\n`);
    await sendUdp(hep, [withCorrelations(packets[0])]);
    await sleep(300);
    await stop(running);
    expect(await ask(db.slice('sqlite:'.length), 'SELECT correlation_id FROM sip_capture')).toEqual([{ correlation_id: expected }]);
  });

  test('management by FIFO, datagram and HTTP; metrics; the switch; a reload that fails and one that works', async () => {
    const [hep, http, datagram] = [await freePort(), await freePort(), await freePort()];
    const text = `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:one.db\nmi: {fifo: fifo, reply_directory: ${folder.path}, http: "127.0.0.1:${http}", datagram: "udp:127.0.0.1:${datagram}"}\nmetrics: {listen: "127.0.0.1:${http}"}\n`;
    const running = await serve('one.yaml', text);
    await sendUdp(hep, packets.slice(0, 100));
    const mi = (...args: string[]) => sipcap(['mi', ...args], { cwd: folder.path });
    const byFifo = ['--fifo', 'fifo', '--reply-directory', folder.path];
    const byHttp = ['--http', `http://127.0.0.1:${http}/mi`];
    expect((await mi('sip_capture', ...byFifo)).stdout).toBe('SIP capturing: on\n');
    expect((await mi('sip_capture', 'off', '--datagram', `udp:127.0.0.1:${datagram}`)).stdout).toBe('OK\n');
    await sendUdp(hep, packets.slice(100, 150));
    await sleep(200);
    expect((await mi('sipcapture:capture', ...byHttp)).stdout).toBe('SIP capturing: off\n');
    // As opensipsctl does it: its own reply FIFO, text.
    execFileSync('mkfifo', [at('osips_rply_1')]);
    const reply = spawnSync(
      'sh',
      ['-c', `timeout 5 cat ${at('osips_rply_1')} & printf ':sip_capture:osips_rply_1\\non\\n\\n' > ${at('fifo')}; wait`],
      { encoding: 'utf8' },
    );
    expect(reply.stdout).toBe('200 OK\n\n');
    expect(curl(`http://127.0.0.1:${http}/mi`, ...JSON_TYPE, '-d', '{"jsonrpc":"2.0","method":"sip_capture","id":"7"}')).toBe(
      '{"jsonrpc":"2.0","result":{"SIP capturing":"on"},"id":"7"}',
    );
    expect(curl(`http://127.0.0.1:${http}/mi`, '-o', '/dev/null', '-w', '%{http_code}')).toBe('405');
    expect(curl(`http://127.0.0.1:${http}/mi`, ...JSON_TYPE, '-d', '', ...STATUS)).toBe('400');
    expect(curl(`http://127.0.0.1:${http}/mi`, '-d', '{"jsonrpc":"2.0","method":"sip_capture","params":["off"],"id":1}', ...STATUS)).toBe(
      '415',
    );
    expect(curl(`http://127.0.0.1:${http}/mi`, ...JSON_TYPE, '-d', '{"jsonrpc":"2.0","method":"which"}', ...STATUS)).toBe('202');
    expect(curl(`http://127.0.0.1:${http}/healthz`)).toBe('ok\n');
    const metrics = curl(`http://127.0.0.1:${http}/metrics`);
    expect(metrics).toContain('\nsipcap_messages_found_total 150\n');
    expect(metrics).toContain('sipcap_messages_filtered_total{reason="capture_off"} 50\n');
    expect(metrics).toContain('sipcap_output_written_total{output="database"} 100\n');
    expect(metrics).toContain('sipcap_packets_complete_total 150\n');
    expect(metrics).toMatch(/sipcap_batch_seconds_count\{output="database",outcome="stored"\} [1-9]\d*\n/);
    expect(metrics).toContain('sipcap_output_queue_messages{output="database"} 0\n');
    expect(metrics).toContain('sipcap_output_spool_messages{output="database"} 0\n');
    expect(metrics).toMatch(/sipcap_sip_requests_total\{method="INVITE"\} \d+\n/);
    // Every query of the dashboard uses existing metrics.
    const asked = [...readFileSync(join(root, 'samples/grafana-dashboard.json'), 'utf8').matchAll(/sipcap_\w+/g)].map(([name]) =>
      name.replace(/_bucket$/, ''),
    );
    const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const silent = new Set([
      'sipcap_target_up',
      'sipcap_target_failures_total',
      'sipcap_dropped_total',
      'sipcap_messages_rejected_total',
      'sipcap_output_reasons_total',
    ]);
    expect(asked.filter((name) => !known.has(name) && !silent.has(name))).toEqual([]);
    writeFileSync(at('one.yaml'), 'socket: [nonsense]\n');
    const failed = await mi('reload', ...byFifo);
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringMatching(/one\.yaml has errors: .*one\.yaml:1: /) as unknown });
    // Errors are in the log in the log's own format.
    const entries = running.logged().trimEnd().split('\n');
    expect(entries.filter((entry) => !entry.startsWith('{"level":'))).toEqual([]);
    expect(entries.filter((entry) => /^\{"level":"error".*one\.yaml:1: /.test(entry)).length).toBeGreaterThan(0);
    writeFileSync(at('one.yaml'), text.replace('one.db', 'two.db'));
    const sending = sendUdp(hep, packets.slice(150, 1150));
    expect((await mi('reload', ...byFifo)).stdout).toBe('OK\n');
    await sending;
    await sendUdp(hep, packets.slice(1150, 1250));
    await sleep(300);
    const { code, all } = await stop(running);
    expect(code).toBe(0);
    expect(all.accounting_errors).toEqual([]);
    expect(all.messages).toMatchObject({ found: 1250, filtered: { capture_off: 50 }, delivered: 1200 });
    expect((await count(at('one.db'))) + (await count(at('two.db')))).toBe(1200);
    expect((await ask<{ n: number }>(at('two.db'), 'SELECT count(*) AS n FROM sip_capture'))[0].n).toBeGreaterThanOrEqual(100);
  }, 60_000);

  test('management by a UNIX datagram socket with mode 0660, like mi_datagram', async () => {
    const [hep, socket] = [await freePort(), at('mi.sock')];
    const running = await serve('unix.yaml', `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:unix.db\nmi: {datagram: ${socket}}\n`);
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    const byPath = ['--datagram', socket, '--reply-directory', folder.path];
    expect((await sipcap(['mi', 'sip_capture', 'off', ...byPath], { cwd: folder.path })).stdout).toBe('OK\n');
    expect((await sipcap(['mi', 'sip_capture', ...byPath], { cwd: folder.path })).stdout).toBe('SIP capturing: off\n');
    const python =
      'import socket,sys,os; s=socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[2]); s.settimeout(5); s.sendto(b\'{"jsonrpc":"2.0","method":"sip_capture","params":["on"],"id":7}\', sys.argv[1]); print(s.recv(65536).decode())';
    expect(JSON.parse(spawnSync('python3', ['-c', python, socket, at('reply.sock')], { encoding: 'utf8' }).stdout)).toEqual({
      jsonrpc: '2.0',
      result: 'OK',
      id: 7,
    });
    expect((await stop(running)).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test('an invalid configuration: all errors, and exit code 2', async () => {
    writeFileSync(at('bad.yaml'), 'socket: [hep_udp:127.0.0.1:1, nonsense]\ndb_url: dbtext:/tmp\ntabel_name: x\n');
    const ended = await sipcap(['serve', '-c', at('bad.yaml')]);
    expect(ended.code).toBe(2);
    for (const words of ['nonsense', 'dbtext', 'tabel_name']) expect(ended.stderr).toContain(words);
    expect((await sipcap(['serve', '-c', at('bad.yaml'), '--check'])).code).toBe(2);
    expect((await sipcap(['serve', '-c', at('nowhere.yaml')])).stderr).toContain('cannot read');
  });

  test('commands from other hosts need a token', async () => {
    const http = await freePort();
    const running = await serve(
      'token.yaml',
      `socket: [hep_udp:127.0.0.1:${await freePort()}]\ndb_url: sqlite:token.db\nmi: {http: "127.0.0.1:${http}", token: secret-word}\n`,
    );
    const url = `http://127.0.0.1:${http}/mi`;
    expect(curl(url, ...JSON_TYPE, '-d', '{"jsonrpc":"2.0","method":"version","id":1}', ...STATUS)).toBe('401');
    expect((await sipcap(['mi', 'version', '--http', url, '--token', 'secret-word'])).stdout).toMatch(/^Server: sipcap \(/);
    const { logged } = await stop(running);
    expect(logged).not.toContain('secret-word');
  });
});

describe('a reload', () => {
  test('applies token, metrics address, FIFO and log level, or nothing at all; reports what needs a restart', async () => {
    const [hep, one, two, taken] = [await freePort(), await freePort(), await freePort(), createServer()];
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const busy = (taken.address() as AddressInfo).port;
    const config = (token: string, metrics: number, fifo: string, rest = '') =>
      `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:reload.db\nmi: {http: "127.0.0.1:${one}", token: ${token}, fifo: ${fifo}}\nmetrics: {listen: "127.0.0.1:${metrics}"}\n${rest}`;
    const running = await serve('reload.yaml', config('first', one, 'fifo-1'));
    const byHttp = (token: string) => sipcap(['mi', 'uptime', '--http', `http://127.0.0.1:${one}/mi`, '--token', token]);
    const reload = async (text: string, fifo: string) => {
      writeFileSync(at('reload.yaml'), text);
      return sipcap(['mi', 'reload', '--fifo', at(fifo)]);
    };
    // The reply comes through the FIFO that this reload closes.
    expect((await reload(config('second', two, 'fifo-2', 'log: {level: warn}\nuser: nobody\n'), 'fifo-1')).stdout).toBe('OK\n');
    expect([(await byHttp('first')).code, (await byHttp('second')).code]).toEqual([4, 0]);
    expect([curl(`http://127.0.0.1:${two}/healthz`), curl(`http://127.0.0.1:${one}/healthz`)]).toEqual(['ok\n', '']);
    await until(() => !existsSync(at('fifo-1')), 'the old FIFO to go');
    expect(running.logged()).toContain('restart to apply: user');
    const failed = await reload(config('third', busy, 'fifo-3'), 'fifo-2');
    expect({ code: failed.code, why: failed.stderr.includes(`cannot listen on http 127.0.0.1:${busy}`) }).toEqual({ code: 2, why: true });
    expect([(await byHttp('third')).code, (await byHttp('second')).code]).toEqual([4, 0]);
    expect([curl(`http://127.0.0.1:${two}/healthz`), existsSync(at('fifo-3'))]).toEqual(['ok\n', false]);
    const before = running.logged().length;
    expect((await reload(config('second', two, 'fifo-2', 'log: {level: warn}\nuser: nobody\n'), 'fifo-2')).stdout).toBe('OK\n');
    // An info entry, which the level of the first reload leaves out.
    expect(running.logged().slice(before)).not.toContain('"level":"info"');
    await new Promise((done) => taken.close(done));
    expect((await stop(running)).code).toBe(0);
  }, 60_000);
});
