/** Quality reports in PUBLISH, stored by serve. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';
import { SENT, send, hep } from './report-senders-rig.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

afterAll(() => {
  killAll();
  folder.remove();
});

test('serve also stores the quality report of a PUBLISH, even with SIP storage off; targets get the PUBLISH only', async () => {
  const target = createSocket('udp4');
  const got: Buffer[] = [];
  target.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => target.bind(0, '127.0.0.1', done));
  writeFileSync(
    at('serve.yaml'),
    `socket: hep_udp:127.0.0.1:0\ndb_url: sqlite:${at('serve.db')}\ncapture_on: false\nhep_targets: [hep_udp:127.0.0.1:${target.address().port}]\n`,
  );
  const running = start(['serve', '-c', at('serve.yaml')]);
  await send(await portOf(running, 'udp'));
  await until(() => got.length === SENT.length, 'the packets at the target');
  await new Promise((resume) => setTimeout(resume, 500));
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  target.close();
  expect(ended.code).toBe(0);
  expect(got.map((bytes) => bytes.toString('latin1'))).toEqual(SENT.map((sent) => hep(sent).toString('latin1')));
  const listed = await sipcap(['report', 'list', '--db', `sqlite:${at('serve.db')}`, '--proto-type', '35', '--format', 'json']);
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { correlation_id: string }).correlation_id),
  ).toEqual(['call-1', 'call-1']);
}, 90_000);
