/** The listeners of a node across reloads: what is new is open before what is old is closed, and a failure changes nothing. */
import { createServer, type AddressInfo } from 'node:net';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Counters, Ledger, systemClock, silentLog, type NamedCounts } from '../../src/lib/base/index.js';
import { ScriptMemory } from '../../src/lib/route/index.js';
import type { MetricsSource } from '../../src/lib/admin/metrics/registry.js';
import { MediaTotals, type StreamReport } from '../../src/lib/media/index.js';
import type { InputStatus } from '../../src/lib/pipeline/input-monitor.js';
import { Management } from '../../src/lib/node/management.js';
import { freePort } from '../rigs/free-port.js';
import { managedNode } from '../rigs/managed-node.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const sinks: NamedCounts[] = [];
const mediaTotals = new MediaTotals();
const failingTables: { output: string; table: string; reason: string }[] = [];
const states: { output: string; problem: string }[] = [];
const inputs: InputStatus[] = [];
const node: MetricsSource = {
  summary: () => ({ ledger: new Ledger(), sinks, inputs: [] }),
  tally: { methods: new Counters(), statuses: new Counters() },
  scriptMemory: new ScriptMemory(0),
  media: () => ({ streams: 3, totals: mediaTotals }),
  captureOn: true,
  reloads: 0,
  inputStatus: () => inputs,
  accountingErrors: () => [],
  noteDrops: async () => {},
  outputs: { onBatch() {}, depths: () => [], targetCounts: () => [], failingTables: () => failingTables, states: () => states },
};
const management = new Management(node, managedNode(), systemClock, silentLog);
const host = '127.0.0.1';
const without = { fifo: '', replyDirectory: '', datagram: '', http: null, token: '' };

afterAll(async () => {
  await management.close();
  folder.remove();
});

async function ask(port: number, path: string, token = ''): Promise<{ status: number; text: string }> {
  const init =
    path === '/mi'
      ? {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
          body: '{"jsonrpc":"2.0","method":"version","id":1}',
        }
      : {};
  const reply = await fetch(`http://${host}:${port}${path}`, init);
  return { status: reply.status, text: await reply.text() };
}
const status = (port: number, path: string, token = '') => ask(port, path, token).then((reply) => reply.status);

test('token, metrics address and FIFO change; unchanged listeners stay open', async () => {
  const [one, two] = [await freePort(), await freePort()];
  const fifo = join(folder.path, 'fifo');
  await management.open({ mi: { ...without, fifo, http: { host, port: one }, token: 'first' }, metrics: { host, port: one } });
  const inode = statSync(fifo).ino;
  expect([await status(one, '/mi', 'first'), await status(one, '/metrics'), await status(one, '/other')]).toEqual([200, 200, 404]);
  expect(
    await management.reload({ mi: { ...without, fifo, http: { host, port: one }, token: 'second' }, metrics: { host, port: two } }),
  ).toBe('');
  expect([
    await status(one, '/mi', 'first'),
    await status(one, '/mi', 'second'),
    await status(one, '/metrics'),
    await status(two, '/metrics'),
  ]).toEqual([401, 200, 404, 200]);
  expect(statSync(fifo).ino).toBe(inode);
});

test('if one listener cannot be opened, nothing changes', async () => {
  const [one, other] = [await freePort(), await freePort()];
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, host, done));
  const { port: busy } = taken.address() as AddressInfo;
  await management.reload({ mi: { ...without, http: { host, port: one }, token: 'kept' }, metrics: null });
  const why = await management.reload({ mi: { ...without, http: { host, port: other }, token: 'new' }, metrics: { host, port: busy } });
  expect(why).toContain(`cannot listen on http ${host}:${busy}`);
  expect([await status(one, '/mi', 'kept'), await status(one, '/mi', 'new')]).toEqual([200, 401]);
  await expect(ask(other, '/mi')).rejects.toThrow();
  // What was prepared and abandoned leaves nothing behind, either.
  const prepared = await management.prepare({ mi: { ...without, http: { host, port: other }, token: '' }, metrics: null });
  await prepared.abandon();
  await expect(ask(other, '/mi')).rejects.toThrow();
  expect(await management.reload({ mi: { ...without, datagram: 'udp:0.0.0.0:0' }, metrics: null })).toContain('is not on loopback');
  expect(await status(one, '/mi', 'kept')).toBe(200);
  await new Promise((done) => taken.close(done));
});

test('counters are stable when idle, across reloads; names follow Prometheus conventions', async () => {
  const port = await freePort();
  await management.reload({ mi: without, metrics: { host, port } });
  const counts = (delivered: number, waiting: number, before = 0) => ({
    delivered,
    written: delivered + before - waiting,
    refused: 0,
    waiting,
    lost: 0,
    reasons: {},
    ...(before > 0 ? { before } : {}),
  });
  const value = async (name: string) => {
    const { text } = await ask(port, '/metrics');
    return Number(new RegExp(`^${name}(?:\\{output="database"\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  };
  sinks.splice(0, Infinity, { sink: 'database', counts: counts(100, 10) });
  expect([await value('sipcap_output_delivered_total'), await value('sipcap_output_written_total')]).toEqual([100, 90]);
  // Twice reloaded: two that were closed share a name, and what waited in the spool went over to the next.
  sinks.splice(
    0,
    Infinity,
    { sink: 'database', counts: counts(5, 0, 10) },
    { sink: 'database (closed)', counts: { ...counts(100, 10), waiting: 0, transferred: 10, retaken: 10 } },
    { sink: 'database (closed)', counts: counts(7, 0) },
  );
  for (let scrape = 0; scrape < 3; scrape++)
    expect([await value('sipcap_output_delivered_total'), await value('sipcap_output_written_total')]).toEqual([112, 112]);
  // A process has died, and its successor has read only a part of what was left.
  sinks.splice(0, Infinity, { sink: 'database', counts: { ...counts(112, 0, 20), transferred: 30, retaken: 30 } });
  expect(await value('sipcap_output_delivered_total')).toBe(112);
  sinks.splice(0, Infinity, { sink: 'database', counts: { ...counts(110, 0, 0), transferred: 30, retaken: 30 } });
  expect(await value('sipcap_output_delivered_total')).toBe(112);
  const { text } = await ask(port, '/metrics');
  expect(text).not.toMatch(/closed|sipcap_process_process|sipcap_process_nodejs/);
  expect(text).toMatch(/^sipcap_process_cpu_seconds_total /m);
  expect(text).toMatch(/^sipcap_nodejs_eventloop_lag_seconds /m);
});

test('/readyz: an output that has given up or whose last batch failed, and one that works again', async () => {
  const port = await freePort();
  await management.reload({ mi: without, metrics: { host, port } });
  expect(await status(port, '/readyz')).toBe(200);
  states.push({ output: 'database', problem: '' });
  for (const outcome of ['unavailable', 'conflict']) {
    node.outputs.onBatch('database', 0.1, outcome);
    expect(await ask(port, '/readyz')).toEqual({ status: 503, text: 'output database: unavailable\n' });
    expect((await ask(port, '/metrics')).text).toContain('\nsipcap_output_up{output="database"} 0\n');
    node.outputs.onBatch('database', 0.1, 'stored');
    expect(await status(port, '/readyz')).toBe(200);
  }
  failingTables.push({ output: 'database', table: 'rtcp_capture', reason: 'it is full' });
  expect(await ask(port, '/readyz')).toEqual({ status: 503, text: 'output database: table rtcp_capture cannot be written\n' });
  expect((await ask(port, '/metrics')).text).toContain('sipcap_table_failing{output="database",table="rtcp_capture"} 1');
  failingTables.pop();
  expect((await ask(port, '/metrics')).text).not.toContain('sipcap_table_failing{');
  states[0].problem = 'given up: conflict';
  expect(await ask(port, '/readyz')).toEqual({ status: 503, text: 'output database: given up: conflict\n' });
  states[0].problem = '';
  expect((await ask(port, '/metrics')).text).toContain('\nsipcap_output_up{output="database"} 1\n');
});

test('/readyz: an input that is down, by name; its state and last packet are metrics', async () => {
  const port = await freePort();
  await management.reload({ mi: without, metrics: { host, port } });
  inputs.push(
    { name: 'eth1', problem: 'down', lastPacketAt: 1_700_000_000_500_000, isSilent: false },
    { name: 'hep_udp:127.0.0.1:9060', problem: '', lastPacketAt: 0, isSilent: true },
  );
  expect(await ask(port, '/readyz')).toEqual({ status: 503, text: 'input eth1: down\n' });
  expect(await status(port, '/healthz')).toBe(200);
  const { text } = await ask(port, '/metrics');
  const of = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{input="(\\w+).*"\\} (\\S+)$`, 'gm'))].map(([, input, value]) => [input, Number(value)]);
  expect(of('sipcap_input_up')).toEqual([
    ['eth1', 0],
    ['hep_udp', 1],
  ]);
  expect(of('sipcap_input_last_packet_timestamp_seconds')).toEqual([
    ['eth1', 1_700_000_000.5],
    ['hep_udp', 0],
  ]);
  expect(of('sipcap_input_silent')).toEqual([
    ['eth1', 0],
    ['hep_udp', 1],
  ]);
  inputs.splice(0, Infinity);
  expect(await status(port, '/readyz')).toBe(200);
});

test('RTP from interfaces: streams, packets, losses, and MOS buckets', async () => {
  const port = await freePort();
  await management.reload({ mi: without, metrics: { host, port } });
  const stream = (mos: number | null, notes: StreamReport['notes'] = []) =>
    mediaTotals.add({ packets: 100, lost: 2, late: 1, duplicates: 3, mos, notes } as StreamReport);
  stream(4.41);
  stream(3.2);
  stream(null);
  stream(null, ['short']);
  const { text } = await ask(port, '/metrics');
  expect(text.split('\n').filter((line) => line.startsWith('sipcap_rtp'))).toEqual([
    'sipcap_rtp_streams 3',
    'sipcap_rtp_streams_ended_total 4',
    'sipcap_rtp_packets_total 400',
    'sipcap_rtp_lost_packets_total 8',
    'sipcap_rtp_late_packets_total 4',
    'sipcap_rtp_duplicate_packets_total 12',
    'sipcap_rtp_mos_bucket{le="2"} 0',
    'sipcap_rtp_mos_bucket{le="2.6"} 0',
    'sipcap_rtp_mos_bucket{le="3.1"} 0',
    'sipcap_rtp_mos_bucket{le="3.6"} 1',
    'sipcap_rtp_mos_bucket{le="4"} 1',
    'sipcap_rtp_mos_bucket{le="4.3"} 1',
    'sipcap_rtp_mos_bucket{le="4.5"} 2',
    'sipcap_rtp_mos_bucket{le="+Inf"} 2',
    `sipcap_rtp_mos_sum ${4.41 + 3.2}`,
    'sipcap_rtp_mos_count 2',
  ]);
});
