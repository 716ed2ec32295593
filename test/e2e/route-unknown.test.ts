/** Scripts with functions of other modules, and what a script counted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { pcapFile } from '../../bench/corpus.mjs';
import { freePort } from '../rigs/free-port.js';
import { count } from '../rigs/database.js';
import { killAll, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';
import { messages, packets, send } from './route-rig.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

writeFileSync(at('trace.pcap'), pcapFile(messages) as Buffer);
writeFileSync(at('packets.hep'), Buffer.concat(packets));

afterAll(() => {
  killAll();
  folder.remove();
});

test('a script with other modules: the flag, statistics in management and metrics, across a reload', async () => {
  const [port, http] = [await freePort(), await freePort()];
  const script = `
socket=hep_udp:127.0.0.1:${port}
loadmodule "httpd.so"
loadmodule "mi_http.so"
loadmodule "prometheus.so"
modparam("httpd", "ip", "127.0.0.1")
modparam("httpd", "port", ${http})
modparam("statistics", "variable", "calls")
modparam("sipcapture", "db_url", "sqlite:other.db")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
route {
  if (is_method("INVITE")) update_stat("calls", "+1");
  if (!t_relay()) sip_capture();
}
timer_route[t, 10] { xlog("never"); }
`;
  writeFileSync(at('other.cfg'), script);
  const check = await sipcap(['config', 'check', at('other.cfg')]);
  expect([check.code, check.stderr.split('\n')[0]]).toEqual([
    2,
    `${at('other.cfg')}:14:8: t_relay() is not available here (OpenSIPS module tm)`,
  ]);
  expect(check.stderr).toContain('use --unknown-functions skip');
  const skip = ['--unknown-functions', 'skip'];
  const skipped = await sipcap(['config', 'check', at('other.cfg'), ...skip]);
  expect([skipped.code, skipped.stdout]).toEqual([0, `${at('other.cfg')}: OK\n`]);
  expect(await sipcap(['config', 'check', at('other.cfg'), '-q', ...skip])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(await sipcap(['route', 'check', at('other.cfg'), '-q', ...skip])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await sipcap(['config', 'show', at('other.cfg'), ...skip])).stdout).toMatch(
    /^unknown_functions: skip +# flag --unknown-functions$/m,
  );

  const running = start(['serve', '-c', at('other.cfg'), ...skip, '-q'], { cwd: folder.path });
  await until(() => running.logged().includes('serving'), 'serve');
  const ask = async (): Promise<Record<string, number>> => {
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"jsonrpc":"2.0","method":"get_statistics","params":[["dynamic:","sipcapture:found"]],"id":1}',
    };
    return ((await (await fetch(`http://127.0.0.1:${http}/mi`, init)).json()) as { result: Record<string, number> }).result;
  };
  await send(port);
  for (let tries = 0; tries < 100 && (await ask())['sipcapture:found'] !== 700; tries++) await sleep(100);
  expect(await ask()).toEqual({ 'sipcapture:found': 700, 'dynamic:calls': 100 });
  running.child.kill('SIGHUP');
  await until(() => running.logged().includes('configuration reloaded'), 'the reload');
  expect(await (await fetch(`http://127.0.0.1:${http}/metrics`)).text()).toContain('sipcap_script_statistic{name="dynamic:calls"} 100\n');
  running.child.kill('SIGTERM');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr.match(/t_relay\(\) skipped/g)).toHaveLength(1);
  expect(await count(at('other.db'), 'sip_capture')).toBe(300);
}, 90_000);

test('--unknown-functions with --route', async () => {
  writeFileSync(at('foreign.route'), 'route { if (!t_relay()) sip_capture(); record_route(); }\n');
  const args = [
    'capture',
    'mirror',
    '-r',
    at('trace.pcap'),
    '--route',
    at('foreign.route'),
    '--db',
    `sqlite:${at('foreign.db')}`,
    '--summary',
    'json',
  ];
  const refused = await sipcap(args);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('t_relay() is not available here (OpenSIPS module tm)')]);
  const skipped = summary(await sipcap([...args, '--unknown-functions', 'skip']));
  expect(skipped).toMatchObject({ messages: { found: 700, delivered: 300, filtered: { script: 400 } }, accounting_errors: [] });
  expect(JSON.stringify(skipped)).toContain('"script_functions_skipped":300');
}, 90_000);

test('statistics of a --route script are in the summary', async () => {
  writeFileSync(
    at('counting.route'),
    'route { update_stat("calls", "+1"); update_stat("$rm", "+2"); if ($stat(calls) > 99) update_stat("many", "1"); }\n',
  );
  const args = ['capture', 'mirror', '-r', at('trace.pcap'), '--route', at('counting.route'), '--db', `sqlite:${at('counting.db')}`];
  expect(summary(await sipcap([...args, '--summary', 'json'])).script_statistics).toEqual({
    'dynamic:calls': 300,
    'dynamic:INVITE': 200,
    'dynamic:ACK': 200,
    'dynamic:BYE': 200,
    'dynamic:many': 201,
  });
  const relayed = ['hep', 'relay', '--from', at('packets.hep'), '--to', 'hep_udp:127.0.0.1:9', '--route', at('counting.route')];
  expect((await sipcap(relayed)).stderr).toMatch(/^ *statistics +dynamic:calls 300/m);
}, 90_000);
