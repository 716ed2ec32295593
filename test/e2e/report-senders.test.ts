/** Reports of others as `hep listen` and `serve` receive them: every sender's format, quality reports in PUBLISH, and the output of `report show`. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { databaseMakers } from '../rigs/databases.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, summary, temporaryFolder } from '../rigs/sipcap.js';
import { SENT, send, VQ, hep } from './report-senders-rig.js';

const folder = temporaryFolder();

async function stored(query: (sql: string) => Promise<Record<string, unknown>[]>, table: string, wanted: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const rows = await query(`SELECT count(*) AS n FROM ${table}`).catch(() => [{ n: -1 }]);
    if (Number(rows[0].n) === wanted) return;
    if (tries > 150) throw new Error(`${table} has ${String(rows[0].n)} rows, not ${wanted}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

interface Shown {
  messages: { what: string }[];
  header_quality: object[];
  quality: {
    from: string;
    to: string;
    points: { loss_percent: number | null; jitter_ms: number | null; round_trip_ms: number | null; mos: number | null }[];
  }[];
}

afterAll(() => {
  killAll();
  folder.remove();
});

describe.each(databaseMakers())('$kind', ({ make }) => {
  test('every format of every sender is stored unchanged and read the same', async () => {
    const database = await make();
    try {
      const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', database.url, '--summary', 'json']);
      await send(await portOf(running, 'udp'));
      await stored(database.query, 'rtcp_capture', 10);
      await stored(database.query, 'sip_capture', 4);
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      expect(summary(ended)).toMatchObject({
        accounting_errors: [],
        messages: { found: SENT.length, rejected: {}, delivered: SENT.length },
        sinks: [{ delivered: SENT.length + 1, written: SENT.length + 1 }],
      });

      const rows = await database.query('SELECT type, correlation_id, msg FROM rtcp_capture ORDER BY micro_ts');
      const reports = SENT.filter(({ type }) => type !== 1).map(({ type, payload }) => [type, payload] as const);
      expect(rows.map(({ type, correlation_id: id, msg }) => [Number(type), String(id), Buffer.from(msg as Buffer).toString()])).toEqual(
        [...reports, [35, VQ] as const].map(([type, payload]) => [type, 'call-1', payload]),
      );

      const shown = JSON.parse((await sipcap(['report', 'show', 'call-1', '--db', database.url, '--format', 'json'])).stdout) as Shown;
      expect(shown.messages.map(({ what }) => what)).toEqual(['INVITE', '200', 'BYE']);
      expect(shown.header_quality).toEqual([
        {
          micro_ts: expect.any(Number),
          source_ip: '127.0.0.1',
          callid: 'call-1',
          what: 'BYE',
          loss_percent: 10,
          jitter_ms: 5,
          round_trip_ms: 30,
          mos: expect.any(Number),
        },
      ]);
      const measured = { loss_percent: 25, jitter_ms: 20, mos: expect.any(Number) };
      const quality = { loss_percent: 5, jitter_ms: 2, round_trip_ms: 80, mos: 4.1 };
      const remote = { loss_percent: 1, jitter_ms: null, round_trip_ms: null, mos: null };
      expect(
        shown.quality.map(({ from, to, points }) => [
          from,
          to,
          points.map((point) => Object.fromEntries(Object.entries(point).filter(([name]) => name !== 'micro_ts'))),
        ]),
      ).toEqual([
        [
          '127.0.0.1:4001',
          '127.0.0.2:6001',
          [
            { ...measured, round_trip_ms: 500 },
            { ...measured, round_trip_ms: 500 },
            { ...measured, round_trip_ms: null },
            { ...measured, round_trip_ms: null },
          ],
        ],
        ['127.0.0.3:1', '127.0.0.4:2', [{ loss_percent: 1, jitter_ms: 1.5, round_trip_ms: null, mos: 4.1 }]],
        ['127.0.0.2:6000', '127.0.0.1:4000', [quality, quality]],
        ['127.0.0.1:4000', '127.0.0.2:6000', [remote, remote]],
      ]);
      const text = (await sipcap(['report', 'show', 'call-1', '--db', database.url])).stdout;
      expect(text).toMatch(/media 127\.0\.0\.1:4001 -> 127\.0\.0\.2:6001, as received: 4 points/);
      expect(text).toMatch(/jitter ms .*mean 20\.0\n.*RTT ms .*mean 500\n/);
      const listed = (await sipcap(['report', 'list', '--db', database.url, '--proto-type', 'LOG'])).stdout;
      expect(listed).toContain('a log .[31mline');
    } finally {
      await database.drop();
    }
  }, 90_000);

  test('dated tables are read as one', async () => {
    const database = await make();
    try {
      const packets = Buffer.concat(
        [0, 86_400, 2 * 86_400].map((second) =>
          hep({ type: 100, payload: `day ${second / 86_400}`, second, from: [1, 1], to: [2, 2], correlation: 'c' }),
        ),
      );
      for (const shape of ['homer5', 'homer6']) {
        const table = `${shape}_reports_%Y%m%d`;
        expect(
          (await sipcap(['report', '-', '--db', database.url, '--table', table, '--shape', shape, '-q'], { input: packets })).code,
        ).toBe(0);
        const list = async (...more: string[]) =>
          (await sipcap(['report', 'list', '--db', database.url, '--table', table, '--format', 'json', ...more])).stdout
            .trim()
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => (JSON.parse(line) as { msg: string }).msg);
        expect(await list()).toEqual(['day 0', 'day 1', 'day 2']);
        expect(await list('--limit', '2')).toEqual(['day 1', 'day 2']);
        expect(await list('--since', '2023-11-15', '--until', '2023-11-16', '--tz', 'UTC')).toEqual(['day 1']);
        expect((await sipcap(['report', 'show', 'c', '--db', database.url, '--table', table, '--sip-table', 'sip_%Y'])).stdout).toMatch(
          /^c: no SIP messages\n2023-11-14, times in UTC\n\n3 reports, none has quality figures\n$/,
        );
      }
      const { code, stderr } = await sipcap(['report', 'list', '--db', database.url, '--table', 'nothing_%Y']);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('no table nothing_%Y') });
    } finally {
      await database.drop();
    }
  }, 90_000);
});
