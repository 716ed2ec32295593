/** Outputs at a reload: what cannot be opened changes nothing, also where another output had to be closed for it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { processEnvironment } from '../../../src/lib/base/environment.js';
import { Ledger, UsageError, silentLog, systemClock } from '../../../src/lib/base/index.js';
import { nodeSpecs } from '../../../src/lib/node/node-specs.js';
import { Deadline } from '../../../src/lib/pipeline/deadline.js';
import { Outputs } from '../../../src/lib/pipeline/output/outputs.js';
import { parseSip } from '../../../src/lib/sip/index.js';
import { settingsIn } from '../../config/load.js';
import { query } from '../../rigs/database.js';
import { hepMessage, options } from '../../rigs/messages.js';
import { temporaryFolder } from '../../rigs/sipcap.js';

let folder: ReturnType<typeof temporaryFolder>;
let outputs: Outputs;
let logged: string[];

const at = (name: string) => join(folder.path, name);
const deadline = () => new Deadline(5, systemClock);

beforeEach(() => {
  folder = temporaryFolder();
  logged = [];
  outputs = new Outputs(new Ledger(), log(), false);
});

afterEach(async () => {
  await outputs.close(deadline());
  folder.remove();
});

function log() {
  return { ...silentLog, error: (text: string) => void logged.push(text) };
}

function specs(more = '') {
  const text = `socket: hep_tcp:127.0.0.1\ndb_url: sqlite:${at('calls.db')}\nspool: {directory: ${at('spool')}}\n${more}`;
  return nodeSpecs(settingsIn('serve.yaml', text), { ...processEnvironment(), log: log() }, new Ledger(), null);
}

async function store(callId: string): Promise<void> {
  const payload = options(callId);
  outputs.store(hepMessage({ payload, sip: parseSip(payload) as never }));
}

const fails = () => Promise.reject(new UsageError('cannot be opened'));

test('the successor of an output with the same spool cannot be opened: the previous one continues', async () => {
  await outputs.apply(specs(), deadline());
  await store('before');
  let held = 0;
  const [successor] = specs('max_async_queries: 7\n');
  await expect(outputs.apply([{ ...successor, open: fails }], deadline(), () => held++)).rejects.toThrow('cannot be opened');
  await store('after');
  const counts = outputs.counts().map(({ sink, counts: { delivered } }) => [sink, delivered]);
  expect([held, outputs.hasStores, counts, logged]).toEqual([
    1,
    true,
    [
      ['database', 1],
      ['database (closed)', 1],
    ],
    [],
  ]);
  await outputs.close(deadline());
  const rows = await query<{ callid: string }>(at('calls.db'), 'SELECT callid FROM sip_capture ORDER BY id');
  expect(rows.map(({ callid }) => callid)).toEqual(['before', 'after']);
});

test('a second output cannot be opened: the first is not touched', async () => {
  await outputs.apply(specs(), deadline());
  const [first] = specs();
  const other = { ...first, holds: [], key: 'another', open: fails };
  await expect(outputs.apply([first, other], deadline())).rejects.toThrow('cannot be opened');
  await store('still there');
  expect(outputs.counts().map(({ sink, counts: { delivered } }) => [sink, delivered])).toEqual([['database', 1]]);
});

test('if neither can be opened, that is logged', async () => {
  await outputs.apply(specs(), deadline());
  const [successor] = specs('max_async_queries: 7\n');
  const spoils = () => {
    chmodSync(at('spool/database'), 0o777);
    return fails();
  };
  await expect(outputs.apply([{ ...successor, open: spoils }], deadline())).rejects.toThrow('cannot be opened');
  expect(logged).toEqual([expect.stringMatching(/^database cannot be opened: the spool .*; tried again every second/)]);
  await outputs.close(deadline());
});
