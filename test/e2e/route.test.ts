/** Scripts in the commands: an OpenSIPS script in `serve`, `--route` on captures and relays, `route check` and `route explain`. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { pcapFile } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { killAll, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';
import { messages, packets, send } from './route-rig.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

async function collector(): Promise<{ port: number; got: Buffer[]; close(): void }> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const got: Buffer[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return { port: socket.address().port, got, close: () => socket.close() };
}

afterAll(() => {
  killAll();
  folder.remove();
});

writeFileSync(at('trace.pcap'), pcapFile(messages) as Buffer);

writeFileSync(at('packets.hep'), Buffer.concat(packets));

test('an unmodified OpenSIPS capture node: serve runs the script', async () => {
  const port = await freePort();
  const to = await collector();
  writeFileSync(
    at('node.cfg'),
    `
debug_mode=no
log_level=3
udp_workers=4
socket=hep_udp:127.0.0.1:${port}
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_hep.so"
loadmodule "db_sqlite.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "sqlite:node.db")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "hep_route", "my_hep_route")
modparam("proto_hep", "hep_id", "[collector] 127.0.0.1:9060; transport=udp; version=3")
route[my_hep_route] {
  hep_set("proto_type", "SIP");
  hep_set("uint32", "31", "3", "132");
  hep_get("proto_type", "$var(vid)", "$var(data)");
  if ($var(data) != "SIP") { xlog("what is $var(data)?\\n"); exit; }
  $du = "sip:127.0.0.1:${to.port}";
  if (!hep_relay()) { xlog("Hep proxying failed!\\n"); exit; }
  hep_resume_sip();
}
route {
  if (is_method("ACK")) exit;
  sip_capture("homer_%Y", , "$ua");
}
onreply_route { sip_capture(); }
`,
  );
  const check = await sipcap(['config', 'check', at('node.cfg')]);
  expect(`${check.code} ${check.code === 0 ? '' : check.stderr}`).toBe('0 ');
  expect(check.stderr).toContain('udp_workers ignored');
  const running = start(['serve', '-c', at('node.cfg'), '-q'], { cwd: folder.path });
  await until(() => running.logged().includes('serving'), 'serve');
  await send(port);
  await until(() => to.got.length === 700, 'what was relayed');
  await sleep(400);
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  to.close();
  expect(await count(at('node.db'), 'sip_capture')).toBe(400);
  const rows = await query<{ method: string; custom_field2: string; n: number }>(
    at('node.db'),
    `SELECT method, custom_field2, count(*) AS n FROM homer_${new Date().getUTCFullYear()} GROUP BY 1, 2 ORDER BY 1`,
  );
  expect(rows).toEqual([
    { method: 'BYE', custom_field2: 'Bench Phone 2.4.1', n: 100 },
    { method: 'INVITE', custom_field2: 'Bench Phone 2.4.1', n: 100 },
  ]);
  const edited = await sipcap(['hep', 'edit', '--get', '3:31:uint32', '-q'], { input: Buffer.concat(to.got) });
  expect(edited.stdout).toBe('132\n'.repeat(700));
}, 90_000);

test('--route on files: rows of the script are stored once, and another script is another import', async () => {
  writeFileSync(at('a.route'), 'route { if (is_method("INVITE|BYE")) sip_capture("calls", "one"); }\n');
  const args = [
    'capture',
    'mirror',
    '-r',
    at('trace.pcap'),
    '--route',
    at('a.route'),
    '--db',
    `sqlite:${at('files.db')}`,
    '--summary',
    'json',
  ];
  const first = summary(await sipcap(args));
  expect(first).toMatchObject({ messages: { found: 700, filtered: { script: 500 }, delivered: 200 }, accounting_errors: [] });
  expect(summary(await sipcap(args)).messages.filtered).toEqual({ already_stored: 700 });
  writeFileSync(at('a.route'), 'onreply_route { sip_capture("replies"); }\n');
  expect(summary(await sipcap(args)).messages).toMatchObject({ delivered: 400 });
  expect([await count(at('files.db'), 'calls'), await count(at('files.db'), 'replies')]).toEqual([200, 400]);
}, 90_000);

test('--route on hep listen and hep relay', async () => {
  const to = await collector();
  writeFileSync(at('listen.route'), `route { $du = "sip:127.0.0.1:${to.port}"; hep_relay(); }\nonreply_route { sip_capture(); }\n`);
  const running = start([
    'hep',
    'listen',
    'hep_udp:127.0.0.1:0',
    '--route',
    at('listen.route'),
    '--db',
    `sqlite:${at('listen.db')}`,
    '--summary',
    'json',
  ]);
  const words = /listening on hep_udp:\S*?:(\d+)/;
  await until(() => words.test(running.logged()), 'the listener');
  await send(Number(words.exec(running.logged())![1]));
  await until(() => to.got.length === 300, 'the requests');
  await sleep(400);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(summary(ended)).toMatchObject({ messages: { found: 700, delivered: 700 }, accounting_errors: [] });
  expect(await count(at('listen.db'))).toBe(400);
  to.got.length = 0;
  const all = await collector();
  writeFileSync(at('relay.route'), 'route { if (is_method("ACK")) drop; hep_set("captagent_id", "9"); }\nonreply_route { }\n');
  const relayed = await sipcap([
    'hep',
    'relay',
    '--from',
    at('packets.hep'),
    '--to',
    `hep_udp:127.0.0.1:${all.port}`,
    '--route',
    at('relay.route'),
    '--summary',
    'json',
  ]);
  expect(summary(relayed)).toMatchObject({
    messages: { found: 700, filtered: { script_drop: 100 }, delivered: 600 },
    accounting_errors: [],
  });
  await until(() => all.got.length === 600, 'the packets');
  const ids = (await sipcap(['hep', 'edit', '--get', 'captagent_id', '-q'], { input: Buffer.concat(all.got) })).stdout.trim().split('\n');
  expect([ids.filter((id) => id === '9').length, ids.filter((id) => id === '2001').length]).toEqual([200, 400]);
  to.close();
  all.close();
}, 90_000);

test('all errors in a script are reported before anything else happens', async () => {
  writeFileSync(at('bad.route'), 'route { sip_captur(); hep_set("proto_typ", "SIP"); route(nowhere); }\n');
  for (const args of [
    ['hep', 'listen', 'hep_udp:127.0.0.1:0'],
    ['capture', 'mirror', '-r', at('trace.pcap')],
    ['hep', 'relay', '--from', at('packets.hep'), '--to', 'hep_udp:127.0.0.1:9'],
  ]) {
    const { code, stderr } = await sipcap([...args, '--route', at('bad.route')]);
    expect(code).toBe(2);
    for (const logged of ["did you mean 'sip_capture'?", "did you mean 'proto_type'?", "unknown route 'nowhere'"])
      expect(stderr).toContain(logged);
  }
  expect((await sipcap(['route', 'check', at('bad.route')])).code).toBe(2);
}, 90_000);

test('route explain prints the statements executed, the values, and the result', async () => {
  writeFileSync(at('e.route'), 'route {\n  if (is_method("INVITE")) sip_capture("calls", "$ua");\n  else drop;\n}\n');
  const { stdout, code } = await sipcap(['route', 'explain', at('e.route'), '-r', at('trace.pcap'), '-c', '7']);
  expect(code).toBe(0);
  expect(stdout).toContain('stored into calls');
  expect(stdout).toContain('$ua is "Bench Phone 2.4.1"');
  expect(stdout.match(/^#\d+ /gm)).toHaveLength(7);
  expect(stdout).toMatch(/drop/);
});

test('route explain names the tables of the shape', async () => {
  const script = 'modparam("sipcap", "table_shape", "homer7")\nroute { sip_capture("calls"); }\nonreply_route { sip_capture(); }\n';
  writeFileSync(at('homer.cfg'), script);
  const { stdout } = await sipcap(['route', 'explain', at('homer.cfg'), '-r', at('trace.pcap'), '-c', '2']);
  expect(stdout.match(/stored into .*/g)).toEqual([
    'stored into hep_proto_1_call (the name calls is ignored: these tables have fixed names)',
    'stored into hep_proto_1_call',
  ]);
});

test('config convert prints a configuration that serve accepts', async () => {
  const converted = await sipcap(['config', 'convert', at('node.cfg')]);
  expect([converted.code, converted.stderr]).toEqual([0, '']);
  writeFileSync(at('node.yaml'), converted.stdout);
  expect(await sipcap(['config', 'check', at('node.yaml')])).toMatchObject({ code: 0, stdout: `${at('node.yaml')}: OK\n` });
  const shown = async (name: string) => {
    const settings = JSON.parse((await sipcap(['config', 'show', at(name), '--format', 'json'])).stdout) as Record<
      string,
      { value: unknown }
    >;
    return Object.entries(settings).map(([path, { value }]) => [path, path === 'route' ? '' : value]);
  };
  expect(await shown('node.yaml')).toEqual(await shown('node.cfg'));
}, 90_000);
