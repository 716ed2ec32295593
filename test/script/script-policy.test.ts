/** Scripts end to end: HEP packets in, rows in SQLite, packets at a socket, and the summary. */
import { createSocket, type Socket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AddressTextCache, NO_FRAMES, isFault, systemClock, type Message } from '../../src/lib/base/index.js';
import { HepDecoder } from '../../src/lib/hep/index.js';
import { createScriptPolicy } from '../../src/lib/script/script-policy.js';
import { CaptureNode } from '../../src/lib/node/node.js';
import { query } from '../rigs/database.js';
import { temporaryFolder } from '../rigs/sipcap.js';
import { PEER, chunk, hep12, plain, u8 } from '../rigs/hep-packets.js';
import { INVITE, RINGING } from '../route/recording.js';
import type { Settings } from '../../src/lib/config/index.js';
import { settingsIn } from '../config/load.js';

let folder: { path: string; remove(): void };
let collector: Socket;
let received: Buffer[];
const logged: string[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  received = [];
  logged.length = 0;
  collector = createSocket('udp4', (packet) => received.push(packet));
  await new Promise<void>((resolve) => collector.bind(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise<void>((resolve) => collector.close(resolve));
  folder.remove();
});

const env = () => {
  const say = (text: string) => void logged.push(text);
  return {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    clock: systemClock,
    colour: false,
    log: { debug: say, info: say, warn: say, error: say },
  };
};

function decoded(packet: Buffer): Message {
  const message = new HepDecoder({ addressTexts: new AddressTextCache() }).decode(packet, 0, packet.length, 1_700_000_000e6, PEER);
  if (isFault(message)) throw new Error(message.fault);
  return message;
}

const path = () => `${folder.path}/r.db`;
const port = () => collector.address().port;

interface Outcome {
  filtered: Record<string, number>;
  rejected: Record<string, number>;
  delivered: number;
  notes: Record<string, number>;
}

async function started(settings: Settings): Promise<{ running: CaptureNode; ended: Promise<number> }> {
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const running = new CaptureNode(settings, env(), createScriptPolicy, { quiet: true, summary: 'full', onReady: async () => ready() });
  const ended = running.run();
  await Promise.race([isReady, ended]);
  return { running, ended };
}

/** A node with a script sees the messages; then it stops. */
async function node(script: string, messages: Message[], hepRoute = 'sip', more = ''): Promise<Outcome> {
  const settings = settingsIn(
    '/etc/n.yaml',
    `db_url: sqlite:${path()}\nhep_capture_on: yes\nsocket: hep_udp:127.0.0.1\nhep_route: ${hepRoute}\n${more}route: |\n${script.replace(/^/gm, '  ').replaceAll('PORT', String(port()))}\n`,
  );
  const { running, ended } = await started({ ...settings, listeners: [], live: [] });
  for (const message of messages) running.intake.message(message, 0);
  await new Promise((resume) => setTimeout(resume, 150));
  running.stop();
  await ended;
  expect(running.accountingErrors()).toEqual([]);
  const { filtered, rejected, delivered, notes } = running.ledger;
  return { filtered: filtered.toJSON(), rejected: rejected.toJSON(), delivered, notes: notes.toJSON() };
}

const rows = (columns: string, table = 'sip_capture') => query(path(), `SELECT ${columns} FROM ${table}`);
const frame = (): Message => ({ ...decoded(plain({ 15: INVITE })), envelope: null, frames: NO_FRAMES });

describe('the main route', () => {
  test('stores requests; replies run onreply_route, and are not stored without one', async () => {
    const script = 'route { sip_capture(, "first", , "$hdr(P-Asserted-Identity)"); }';
    expect(await node(script, [decoded(plain({ 15: INVITE })), decoded(plain({ 15: RINGING }))])).toMatchObject({
      delivered: 1,
      filtered: { script: 1 },
      rejected: {},
    });
    expect(await rows('method, custom_field1, custom_field2, custom_field3')).toEqual([
      { method: 'INVITE', custom_field1: 'first', custom_field2: '', custom_field3: '<sip:1000@a.example>' },
    ]);
  });

  test('stores replies from its own route, and captured frames', async () => {
    expect(
      await node('route { sip_capture(); } onreply_route { sip_capture(); }', [decoded(plain({ 15: RINGING })), frame()], 'none'),
    ).toMatchObject({ delivered: 2 });
    expect(await rows('method')).toEqual([{ method: '180' }, { method: 'INVITE' }]);
  });

  test('an edited packet is stored as edited', async () => {
    await node(
      'route { hep_set("src_ip", "127.9.9.9"); hep_set("captagent_id", "77"); hep_set("utf8-string", "0x0011", "0", "corr"); if ($si == 127.9.9.9) sip_capture(); }',
      [decoded(plain({ 15: INVITE }))],
    );
    expect(await rows('source_ip, node, correlation_id, callid')).toEqual([
      { source_ip: '127.9.9.9', node: 'homer01:77', correlation_id: 'corr', callid: 'call-1' },
    ]);
  });

  test('tables named by the script', async () => {
    await node('route { sip_capture("calls"); }', [decoded(plain({ 15: INVITE }))]);
    expect(await rows('method', 'calls')).toEqual([{ method: 'INVITE' }]);
  });

  test('non-SIP is rejected, and everything is filtered while switched off', async () => {
    expect(await node('route { sip_capture(); }', [decoded(plain({ 15: 'hello' }))])).toMatchObject({
      delivered: 0,
      rejected: { not_sip: 1 },
    });
    expect(await node('route { sip_capture(); }', [decoded(plain({ 15: INVITE }))], 'sip', 'capture_on: off\n')).toMatchObject({
      delivered: 0,
      filtered: { capture_off: 1 },
    });
    expect(existsSync(path()) ? await query(path(), 'SELECT count(*) AS n FROM sip_capture').catch(() => [{ n: 0 }]) : [{ n: 0 }]).toEqual([
      { n: 0 },
    ]);
  });

  test('drop and a script without actions count as filtered, errors are reported once', async () => {
    const messages = [1, 2, 3].map(() => decoded(plain({ 15: INVITE })));
    expect(await node('route { drop; }', messages)).toMatchObject({ filtered: { script_drop: 3 }, delivered: 0 });
    expect(await node('route { $du = "tel:1;x"; hep_relay(); }', messages)).toMatchObject({
      rejected: { script_failed: 3 },
      notes: { script_errors: 3 },
    });
    expect(logged.filter((line) => line.includes('(reported once)'))).toHaveLength(1);
  });
});

describe('the route named by hep_route', () => {
  const script = `
route { sip_capture(); }
route[first] {
  if ($HEPVERSION < 3) { $du = "sip:127.0.0.1:PORT"; hep_relay(); exit; }
  hep_set("proto_type", "H321");
  hep_set("uint32", "31", "3", "132");
  if (hep_get("uint32", "31", "$var(vid)", "$var(data)")) xlog("vendor $var(vid) data $var(data)");
  $du = "sip:127.0.0.1:PORT";
  if (!hep_relay()) { xlog("Hep proxying failed!\\n"); exit; }
  hep_set("proto_type", "SIP");
  hep_resume_sip();
}`;

  test('edits, relays, and continues with SIP', async () => {
    expect(await node(script, [decoded(plain({ 15: INVITE }))], 'first')).toMatchObject({ delivered: 1, filtered: {}, rejected: {} });
    expect(logged).toContain('vendor 3 data 132');
    expect(received).toEqual([plain({ 11: u8(12), 15: INVITE }, chunk(3, 31, Buffer.from([0, 0, 0, 132])))]);
    expect(await rows('method')).toEqual([{ method: 'INVITE' }]);
  });

  test('hep_resume_sip() reads the payload as SIP, whatever type the script gave the packet', async () => {
    const script = `
route[first] { hep_set("proto_type", "H321"); hep_resume_sip(); }
route { sip_capture("x", "one", "$rm"); $du = "sip:127.0.0.1:PORT"; hep_relay(); }
onreply_route { sip_capture("x", , "$rs"); }`;
    const garbage = decoded(plain({ 15: 'hello' }));
    expect(await node(script, [decoded(plain({ 15: INVITE })), decoded(plain({ 15: RINGING })), garbage], 'first')).toMatchObject({
      delivered: 2,
      filtered: {},
      rejected: { not_sip: 1 },
    });
    expect(await rows('method, callid, custom_field1, custom_field2', 'x')).toEqual([
      { method: 'INVITE', callid: 'call-1', custom_field1: 'one', custom_field2: 'INVITE' },
      { method: '180', callid: 'call-1', custom_field1: '', custom_field2: '180' },
    ]);
    expect(await rows('count(*) AS n', 'sqlite_schema WHERE name LIKE "rtcp%"')).toEqual([{ n: 0 }]);
    // The packet is relayed as edited by the script.
    expect(received).toEqual([plain({ 11: u8(12), 15: INVITE })]);
  });

  test('a packet first recognised as another type is SIP after hep_resume_sip()', async () => {
    const script = 'route[first] { if ($rm == "x") exit; hep_resume_sip(); } route { sip_capture("x"); }';
    expect(await node(script, [decoded(plain({ 11: u8(100), 15: INVITE }))], 'first')).toMatchObject({ delivered: 1, rejected: {} });
    expect(await rows('method', 'x')).toEqual([{ method: 'INVITE' }]);
  });

  test('version 1 is relayed byte for byte, its chunks cannot be set', async () => {
    const packet = hep12(1, Buffer.alloc(0), INVITE);
    expect(await node(script, [decoded(packet)], 'first')).toMatchObject({ delivered: 1 });
    expect(received).toEqual([packet]);
    await node('route[x] { if (!hep_set("src_port", "1")) xlog("refused"); }', [decoded(packet)], 'x');
    expect(logged).toContain('refused');
  });

  test('reports', async () => {
    await node(
      'route[x] { hep_get("utf8-string", "0x0011", "$var(vid)", "$var(id)"); report_capture("reports", "$var(id)", "5"); }',
      [decoded(plain({ 15: '{}', 11: u8(5) }, chunk(0, 0x11, 'corr-1')))],
      'x',
    );
    expect(await rows('correlation_id, type', 'reports')).toEqual([{ correlation_id: 'corr-1', type: 5 }]);
  });

  test('a packet whose payload was deleted is not stored', async () => {
    expect(
      await node(
        'route[x] { hep_del("payload"); report_capture("a"); hep_resume_sip(); } route { sip_capture(); }',
        [decoded(plain({ 15: INVITE }))],
        'x',
      ),
    ).toMatchObject({ delivered: 0, rejected: { script_failed: 1 } });
  });
});

test('a reload with an invalid script keeps the old one', async () => {
  const settings = settingsIn(
    '/etc/n.yaml',
    `db_url: sqlite:${path()}\nhep_capture_on: yes\nsocket: hep_udp:127.0.0.1\nroute: |\n  route { sip_capture(); }\n`,
  );
  const { running, ended } = await started({ ...settings, listeners: [], live: [] });
  const wrong = settingsIn(
    '/etc/n.yaml',
    `db_url: sqlite:${path()}\nhep_capture_on: yes\nsocket: hep_udp:127.0.0.1\nroute: |\n  route { sip_captur(); }\n`,
  );
  await running.reload({ ...wrong, listeners: [], live: [] });
  expect(running.reloads).toBe(0);
  expect(logged.join('\n')).toContain("did you mean 'sip_capture'?");
  running.stop();
  await ended;
});

test('a reload keeps statistics and variables of the script, and the start time of the node', async () => {
  const settings = (route: string) => {
    const yaml = `db_url: sqlite:${path()}\nhep_capture_on: yes\nsocket: hep_udp:127.0.0.1\nroute: |\n  route { ${route} sip_capture(); }\n`;
    return { ...settingsIn('/etc/n.yaml', yaml), listeners: [], live: [] };
  };
  const { running, ended } = await started(
    settings('update_stat("calls", "+2"); update_stat("group:$rm", 1); cache_store("local", "k", "kept"); xlog("began $TS");'),
  );
  running.intake.message(decoded(plain({ 15: INVITE })), 0);
  expect(
    await running.reload(settings('update_stat("calls", "+1"); cache_fetch("local", "k", $var(v)); xlog("$var(v) $stat(calls) $TS");')),
  ).toBe('');
  running.intake.message(decoded(plain({ 15: INVITE })), 0);
  running.stop();
  await ended;
  expect(running.scriptMemory.statistics.entries()).toEqual([
    ['dynamic:calls', 3],
    ['group:INVITE', 1],
  ]);
  const began = logged.find((line) => line.startsWith('began '))!.slice('began '.length);
  expect(logged).toContain(`kept 3 ${began}`);
});

test('skipped functions are logged once and counted', async () => {
  const messages = [decoded(plain({ 15: INVITE })), decoded(plain({ 15: INVITE }))];
  const script = 'route { if (!t_relay()) sip_capture(); sl_send_reply(200, "OK"); my_function(); }';
  expect(await node(script, messages, 'sip', 'unknown_functions: skip\n')).toMatchObject({
    delivered: 2,
    notes: { script_functions_skipped: 6 },
  });
  expect(logged.filter((line) => line.includes('skipped')).sort()).toEqual([
    'my_function() skipped: not available here (reported once)',
    'sl_send_reply() skipped: not available here (reported once)',
    't_relay() skipped: not available here (reported once)',
  ]);
});

test('script.max_statements and script.max_text limit a message', async () => {
  const loop = 'route { while ($var(i) < 5000) { $var(i) += 1; } sip_capture(); }';
  await node(loop, [decoded(plain({ 15: INVITE }))], 'sip', 'script: {max_statements: 500}\n');
  expect(logged.join('\n')).toContain('the script takes too many statements for one message');
  logged.length = 0;
  const text = 'route { $var(t) = $mb + $mb + $mb + $mb; if ($var(t) == null) xlog("null"); sip_capture(); }';
  await node(text, [decoded(plain({ 15: INVITE }))], 'sip', 'script: {max_text: 1024}\n');
  expect(logged.join('\n')).toContain('a script makes no text longer than 1024');
});
