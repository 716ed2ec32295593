/** Legs of random calls, whatever names them: the same out of the file and out of each database it was imported into. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { processEnvironment, type Message } from '../../src/lib/base/index.js';
import { findCalls } from '../../src/lib/service/call/show/find-calls.js';
import { legHeader } from '../../src/lib/service/call/show/leg-header.js';
import { MessageScan, type ScanOptions } from '../../src/lib/service/call/scan.js';
import type { WantedCalls } from '../../src/lib/service/call/wanted-calls.js';
import { answered, say } from '../calls/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { databaseMakers } from '../rigs/databases.js';
import { seeded } from '../rigs/random.js';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const file = join(folder.path, 'legs.pcap');
const random = seeded(1);
const WORLDS = 15;
/** Seconds between the calls of one world and of the next: no legs of each other. */
const APART = 2000;
const LEG_HEADERS = ['X-Trunk', 'X-Session:id=(\\w+)'];

afterAll(() => {
  killAll();
  folder.remove();
});

const below = (n: number) => Math.floor(random() * n);
const one = <T>(of: readonly T[]): T => of[below(of.length)];
const hex = (length: number) => Array.from({ length }, () => below(16).toString(16)).join('');

/** Call-IDs as they occur, and as nobody should make them. */
const CALL_IDS: ((n: string) => string)[] = [
  (n) => `${hex(24)}-${n}@10.0.0.1`,
  (n) => `a${n}`,
  (n) => `${n.replace(/\d/g, (digit) => '!~*.+-_%$|'[Number(digit)])}.~`,
  (n) => `caf\u00e9-${n}-\u{1d11e}@x`,
  (n) => `%41%42${n}%zz@x`,
  (n) => `"q'${n}\\x'"@x`,
  (n) => `50%_${n}_%@x`,
  (n) => `${n}${'x'.repeat(200)}@y`,
  (n) => `${n}${'y'.repeat(300)}`,
  (n) => `a-b.c-${n.split('').join('-')}@d.e`,
  (n) => `AbCd${n}eFgH@Host`,
  (n) => `(${n})<[?]>{"":/}`,
  (n) => `${n} with blank`,
];

const cased = (name: string) => one([name, name.toUpperCase(), name.toLowerCase()]);
const blank = () => one([': ', ':', ' : ', ':\r\n  ', ': \t']);
const escaped = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) => {
      const c = String.fromCharCode(byte);
      return /[\w.]/.test(c) && random() < 0.7 ? c : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');

/** A header that names that Call-ID. */
function naming(callId: string): string {
  const dialog = `;to-tag=1;from-tag=2`;
  return one([
    () => `${cased('X-CID')}${blank()}${callId}`,
    () => `${cased('X-Call-ID')}${blank()}${callId}`,
    () => `${cased('X-CallID')}${blank()}${callId}`,
    () => `${cased('Replaces')}${blank()}${callId}${one([dialog, `\r\n ${dialog}`, ''])}`,
    () => `${cased('Target-Dialog')}${blank()}${callId}${dialog}`,
    () => `${cased('Join')}${blank()}${callId}${dialog}`,
    () => `${cased('In-Reply-To')}${blank()}${one(['', 'nobody@x, ', 'nobody@x,\r\n '])}${callId}${one(['', ' ,other@y'])}`,
    () =>
      `${one([cased('Refer-To'), 'r', 'R'])}${blank()}<sip:c@c.example${one(['?', '?X=1&'])}${cased('Replaces')}=${escaped(callId + dialog)}${one(['', '&Y=2'])}>`,
    () => `X-Trunk: ${callId}`,
  ])();
}

const uuids = Array.from({ length: 40 }, () => one([hex(32), 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6', `${'abcdef'.repeat(5)}ab`]));
const spelled = (uuid: string) => one([uuid, uuid.toUpperCase()]);

/** A header with a value that others may share. */
function shared(world: number, n: number): string {
  return one([
    () =>
      `${cased('Session-ID')}${blank()}${spelled(uuids[(world + below(3)) % 40])};remote=${one(['0'.repeat(32), spelled(uuids[(world + below(3)) % 40])])}`,
    () => `X-CID: shared-${world}-${n}`,
    () => `X-Call-ID: s${n}`,
    () => `X-Session: a=1;id=tok${world}n${n};z`,
    () => `X-Trunk: %_${world}`,
  ])();
}

const messages: Message[] = [];
const callIds: string[] = [];

/** `where`: the messages that carry the headers. */
function call(second: number, callId: string, headers: string[], where: 'INVITE' | '200' | 'both' | 'REFER'): void {
  callIds.push(callId);
  const options = { callId, fromTag: `f${callIds.length}` };
  const all = answered(3000, 20_000, options);
  const withHeaders = answered(3000, 20_000, { ...options, headers });
  const isNaming = (i: number) =>
    (i === 0 && (where === 'INVITE' || where === 'both')) || (i === 3 && (where === '200' || where === 'both'));
  const picked = all.map((message, i) => (isNaming(i) ? withHeaders[i] : message));
  if (where === 'REFER') picked.push(say(10_000, 'a>b', 'REFER', { ...options, toTag: 't1', headers }));
  for (const message of picked) messages.push({ ...message, capturedAt: message.capturedAt + Math.round(second * 1e6) + callIds.length });
}

let serial = 1000;
for (let world = 0; world < WORLDS; world++) {
  const isChain = world % 3 === 0;
  const size = isChain ? 7 : 3 + below(5);
  const ids = Array.from({ length: size }, () => one(CALL_IDS)(String(serial++)));
  const order = ids.map(() => random() * 60);
  for (const [i, id] of ids.entries()) {
    const headers: string[] = [];
    if (i > 0 && (isChain || random() < 0.7)) headers.push(naming(isChain || random() < 0.7 ? ids[i - 1] : one(ids)));
    if (!isChain && random() < 0.25) headers.push(shared(world, below(2)));
    call(world * APART + order[i], id, headers, one(['INVITE', 'INVITE', 'INVITE', '200', 'both', 'REFER'] as const));
  }
}
// A trunk's constant, and a value that almost as many calls share.
for (const [name, count] of [
  ['trunk', 60],
  ['few', 12],
] as const)
  for (let i = 0; i < count; i++) call(WORLDS * APART + i / 10, `${name}${i}-x@y`, [`X-Call-ID: const-${name}`], 'INVITE');
writeFileSync(file, captureOf(messages));
const ASKED = callIds.filter((id) => !/^(trunk|few)/.test(id) || /^(trunk|few)[07]-/.test(id));

const env = { ...processEnvironment(), log: { debug() {}, info() {}, warn() {}, error() {} } };

async function legsOf(callId: string, from: { files: string[]; db: string }, headers: readonly string[]): Promise<string> {
  const source = { ...from, interfaces: [], listeners: [], ports: [], parseHep: false, durationSeconds: 0 };
  const options = { source, authKey: '', quiet: true, summary: 'none' } as unknown as ScanOptions;
  const wanted = { tables: { table: '' } } as unknown as WantedCalls;
  const scan = new MessageScan(options, env);
  try {
    const found = await findCalls(
      scan,
      wanted,
      { callIds: [callId], latest: false, limit: 1 },
      { headers: headers.map(legHeader), joins: true, guess: false },
      env,
    );
    return found
      .map(
        ({ legs, partial, messages: all }) =>
          `${legs
            .map((leg) => leg.callId)
            .sort()
            .join(' | ')} ${partial} ${all.length}`,
      )
      .join('\n');
  } finally {
    await scan.close();
  }
}

const inFile = new Map<string, string>();

describe.each(databaseMakers())('$kind', ({ make }) => {
  test('has the legs that the file has', async () => {
    const database = await make();
    try {
      const done = await sipcap(['capture', 'mirror', '-q', '-r', file, '--db', database.url], { env: { TZ: 'UTC' } });
      expect([done.code, done.stderr]).toEqual([0, '']);
      const wrong: unknown[] = [];
      let linked = 0;
      for (const headers of [[], LEG_HEADERS])
        for (const callId of ASKED) {
          const key = `${headers.length} ${callId}`;
          const expected = inFile.get(key) ?? (await legsOf(callId, { files: [file], db: '' }, headers));
          inFile.set(key, expected);
          const stored = await legsOf(callId, { files: [], db: database.url }, headers);
          if (expected.includes(' | ')) linked++;
          if (expected !== stored) wrong.push({ callId, headers: headers.length, file: expected, db: stored });
        }
      expect(linked).toBeGreaterThan(ASKED.length / 2);
      expect(wrong).toEqual([]);
    } finally {
      await database.drop();
    }
  }, 180_000);
});
