/** Legs of one call, starting from any of them: the same from a file and from each database it was imported into. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { answered, say } from '../calls/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { databaseMakers } from '../rigs/databases.js';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const file = join(folder.path, 'legs.pcap');
const env = { TZ: 'UTC' };
const UUIDS = ['a'.repeat(32), 'b'.repeat(32)];

afterAll(() => {
  killAll();
  folder.remove();
});

/** Begins after so many seconds. */
function leg(second: number, callId: string, headers: string[] = []): Message[] {
  return answered(3000, 63_000, { callId, headers, fromTag: `f-${callId}` }).map((message) => ({
    ...message,
    capturedAt: message.capturedAt + second * 1e6,
  }));
}

const messages = [
  ...leg(0, 'a1@x'),
  ...leg(1, 'b1@x', ['X-CID: a1@x']),
  ...leg(2, 'c1@x', ['X-Call-ID: b1@x']),
  ...leg(3, 's1@x', [`Session-ID: ${UUIDS[0]};remote=${'0'.repeat(32)}`]),
  ...leg(4, 's2@x', [`Session-ID: ${UUIDS[1]};remote=${UUIDS[0]}`]),
  ...leg(5, 'r1@x'),
  ...leg(6, 'r2@x', ['Replaces: r1@x;to-tag=t1;from-tag=f1']),
  ...leg(7, 't1@x'),
  say(10_000, 'a>b', 'REFER', {
    callId: 't1@x',
    fromTag: 'f-t1@x',
    toTag: 't1',
    headers: ['Refer-To: <sip:c@c.example?Replaces=t2%40x%3Bto-tag%3D1%3Bfrom-tag%3D2>'],
  }),
  ...leg(8, 't2@x'),
  ...leg(9, 'alone@x'),
  // Long after, and of the same trunk: no leg.
  ...leg(4000, 'later@x', ['X-Call-ID: a1@x']),
].sort((a, b) => a.capturedAt - b.capturedAt);

const LEGS: Readonly<Record<string, string>> = {
  'a1@x': 'a1@x b1@x c1@x',
  'b1@x': 'a1@x b1@x c1@x',
  'c1@x': 'a1@x b1@x c1@x',
  's1@x': 's1@x s2@x',
  's2@x': 's1@x s2@x',
  'r1@x': 'r1@x r2@x',
  'r2@x': 'r1@x r2@x',
  't1@x': 't1@x t2@x',
  't2@x': 't1@x t2@x',
  'alone@x': 'alone@x',
};

writeFileSync(file, captureOf(messages));

describe.each(databaseMakers())('$kind', ({ make }) => {
  test('finds the same legs as in a file', async () => {
    const database = await make();
    try {
      expect((await sipcap(['capture', 'mirror', '-q', '-r', file, '--db', database.url], { env })).code).toBe(0);
      for (const [callId, legs] of Object.entries(LEGS)) {
        const { stdout, code, stderr } = await sipcap(['call', 'show', callId, '--db', database.url, '--format', 'json'], { env });
        expect({ callId, code, stderr }).toEqual({ callId, code: 0, stderr: '' });
        const shown = JSON.parse(stdout) as { legs: { callid: string }[]; messages: unknown[]; partial: string | null };
        expect([
          callId,
          shown.legs
            .map(({ callid }) => callid)
            .sort()
            .join(' '),
          shown.partial,
        ]).toEqual([callId, legs, null]);
        expect(stdout).toBe((await sipcap(['call', 'show', callId, '-r', file, '--format', 'json'], { env })).stdout);
      }
    } finally {
      await database.drop();
    }
  }, 180_000);
});
