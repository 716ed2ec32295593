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
const UUIDS = [`${'a'.repeat(26)}770011`, `${'b'.repeat(26)}770022`];

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
  ...leg(0, 'a1x7701@x'),
  ...leg(1, 'b1x7701@x', ['X-CID: a1x7701@x']),
  ...leg(2, 'c1x7701@x', ['X-Call-ID: b1x7701@x']),
  ...leg(3, 's1x7701@x', [`Session-ID: ${UUIDS[0]};remote=${'0'.repeat(32)}`]),
  ...leg(4, 's2x7701@x', [`Session-ID: ${UUIDS[1]};remote=${UUIDS[0].toUpperCase()}`]),
  ...leg(5, 'r1x7701@x'),
  ...leg(6, 'r2x7701@x', ['Replaces: r1x7701@x;to-tag=t1;from-tag=f1']),
  ...leg(7, 't1x7701@x'),
  say(10_000, 'a>b', 'REFER', {
    callId: 't1x7701@x',
    fromTag: 'f-t1x7701@x',
    toTag: 't1',
    headers: ['Refer-To: <sip:c@c.example?Replaces=%742x7701%40x%3Bto-tag%3D1%3Bfrom-tag%3D2>'],
  }),
  ...leg(8, 't2x7701@x'),
  ...leg(9, 'alonex7701@x'),
  ...leg(10, 'n1x7701@x'),
  // Only the answer names the other leg.
  ...leg(11, 'n2x7701@x').map((message, i) => (i === 3 ? leg(11, 'n2x7701@x', ['X-Call-ID: n1x7701@x'])[i] : message)),
  // Long after, and of the same trunk: no leg.
  ...leg(4000, 'laterx7701@x', ['X-Call-ID: a1x7701@x']),
].sort((a, b) => a.capturedAt - b.capturedAt);

const LEGS: Readonly<Record<string, string>> = {
  'a1x7701@x': 'a1x7701@x b1x7701@x c1x7701@x',
  'b1x7701@x': 'a1x7701@x b1x7701@x c1x7701@x',
  'c1x7701@x': 'a1x7701@x b1x7701@x c1x7701@x',
  's1x7701@x': 's1x7701@x s2x7701@x',
  's2x7701@x': 's1x7701@x s2x7701@x',
  'r1x7701@x': 'r1x7701@x r2x7701@x',
  'r2x7701@x': 'r1x7701@x r2x7701@x',
  't1x7701@x': 't1x7701@x t2x7701@x',
  't2x7701@x': 't1x7701@x t2x7701@x',
  'alonex7701@x': 'alonex7701@x',
  'n1x7701@x': 'n1x7701@x n2x7701@x',
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
