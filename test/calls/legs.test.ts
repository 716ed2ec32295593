/** Which legs belong together: every default key, the operator's own, heuristics, and the stop rules. */
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { LegFinder, guessedLink, type LegHeader } from '../../src/lib/calls/index.js';
import { legHeader } from '../../src/lib/service/call/show/leg-header.js';
import { answered, indexed, only, say, type Spoken } from './rig.js';

const leg = (callId: string, headers: string[] = [], spoken: Spoken = {}) => answered(3000, 63_000, { callId, headers, ...spoken });

function find(messages: readonly Message[], wanted: string[], headers: LegHeader[] = []) {
  const finder = new LegFinder(wanted, headers);
  do {
    finder.beginRound();
    for (const message of messages) finder.message(message);
  } while (finder.endRound());
  return finder;
}

const joined = (messages: readonly Message[], wanted: string[], headers: LegHeader[] = []) =>
  [...find(messages, wanted, headers).legs.values()].map(({ callId, why }) => `${callId} ${why}`.trim());

describe('keys', () => {
  test.each([
    'X-CID: a1',
    'X-Call-ID: a1',
    'X-CallID: a1',
    'Replaces: a1;to-tag=x;from-tag=y',
    'In-Reply-To: zz, a1',
    'Target-Dialog: a1;local-tag=x;remote-tag=y',
  ])('%s names the other leg, found from either side', (header) => {
    const both = [...leg('a1'), ...leg('b1', [header]), ...leg('c1')];
    const why = header.split(':')[0];
    expect(joined(both, ['b1'])).toEqual(['b1', `a1 ${why}`]);
    expect(joined(both, ['a1'])).toEqual(['a1', `b1 ${why}`]);
  });

  test('all X-CID headers are read', () => {
    expect(joined([...leg('a1'), ...leg('a2'), ...leg('b1', ['X-CID: a1', 'X-CID: a2'])], ['b1'])).toHaveLength(3);
  });

  test('a chain is followed, as are legs that name its root', () => {
    expect(
      joined([...leg('a1'), ...leg('b1', ['X-CID: a1']), ...leg('c1', ['X-CID: b1']), ...leg('d1', ['X-CID: a1'])], ['c1']),
    ).toHaveLength(4);
  });

  test('correlation id: equal to the Call-ID it is ignored, a shared one links', () => {
    const with_ = (callId: string, correlationId: string) => leg(callId, [], { members: { correlationId } });
    expect(joined([...with_('a1', 'a1'), ...with_('b1', 'b1')], ['a1'])).toEqual(['a1']);
    expect(joined([...with_('a1', 'k9'), ...with_('b1', 'k9'), ...with_('c1', 'a1')], ['a1'])).toEqual([
      'a1',
      'b1 correlation_id',
      'c1 correlation_id',
    ]);
  });

  test('Session-ID: an unordered pair, any case; the nil UUID links nothing (RFC 7989)', () => {
    const zero = '0'.repeat(32);
    const [x, y] = ['a'.repeat(32), 'b'.repeat(32)];
    const messages = [
      ...leg('a1', [`Session-ID: ${x};remote=${zero}`]),
      ...leg('b1', [`Session-ID: ${y};remote=${x.toUpperCase()}`]),
      ...leg('c1', [`Session-ID: ${'c'.repeat(32)};remote=${zero}`]),
    ];
    expect(joined(messages, ['a1'])).toEqual(['a1', 'b1 Session-ID']);
  });

  test('Refer-To with Replaces, escaped', () => {
    const refer = say(5000, 'a>b', 'REFER', {
      callId: 'a1',
      toTag: 't1',
      headers: ['Refer-To: <sip:carol@c.example?Replaces=x1%40c.example%3Bto-tag%3D1%3Bfrom-tag%3D2>'],
    });
    expect(joined([...leg('a1'), refer, ...leg('x1@c.example')], ['a1'])).toEqual(['a1', 'x1@c.example Refer-To']);
  });

  test('--leg-header, whole or by its pattern', () => {
    const messages = [...leg('a1', ['X-Trunk: id=77;x=1']), ...leg('b1', ['X-Trunk: id=77;x=2'])];
    expect(joined(messages, ['a1'])).toEqual(['a1']);
    expect(joined(messages, ['a1'], [legHeader('x-trunk')])).toEqual(['a1']);
    expect(joined(messages, ['a1'], [legHeader('X-Trunk:id=(\\d+)')])).toEqual(['a1', 'b1 X-Trunk']);
    expect(() => legHeader('X Trunk')).toThrow("invalid --leg-header 'X Trunk'");
    expect(() => legHeader('X:(')).toThrow('invalid --leg-header');
  });
});

describe('whatever the order of the messages', () => {
  test('what a leg names late was carried before', () => {
    const messages = [
      say(0, 'a>b', 'INVITE', { callId: 'a1' }),
      say(1, 'a>b', 'INVITE', { callId: 'b1', headers: ['X-CID: a1'] }),
      say(2, 'a>b', 'INVITE', { callId: 'c1', headers: ['X-CID: z'] }),
      say(3, 'b>a', '200 OK', { callId: 'b1', toTag: 't', headers: ['X-CID: z'] }),
    ];
    expect(joined(messages, ['a1'])).toEqual(['a1', 'b1 X-CID', 'c1 X-CID']);
  });

  test.each([1, -1])('a chain of six hops is found from its beginning (%i)', (direction) => {
    const chain = Array.from({ length: 7 }, (_, i) =>
      say(direction * i, 'a>b', 'INVITE', { callId: `c${i}`, headers: [`X-CID: c${i - 1}`] }),
    );
    const finder = find(
      [...chain].sort((a, b) => a.capturedAt - b.capturedAt),
      ['c0'],
    );
    expect([finder.legs.size, finder.messages.length, finder.partial]).toEqual([7, 7, '']);
  });
});

describe('stop rules', () => {
  test('a value shared by more than fifty Call-IDs is not a key', () => {
    const many = Array.from({ length: 60 }, (_, i) => say(i, 'a>b', 'INVITE', { callId: `c${i}`, headers: ['X-CID: none'] }));
    const finder = find(many, ['c0']);
    expect([...finder.legs.keys()]).toEqual(['c0']);
    expect([...finder.tooCommon]).toEqual(['none']);
    expect([...indexed(many).index.links.tooCommon]).toEqual(['none']);
  });

  test('fifty legs, eight rounds', () => {
    const chain = Array.from({ length: 70 }, (_, i) => say(i, 'a>b', 'INVITE', { callId: `c${i}`, headers: [`X-CID: c${i + 1}`] }));
    const finder = find(chain, ['c0']);
    expect(finder.rounds).toBe(8);
    expect(finder.partial).toBe('stopped looking for legs after 8 rounds');
    const values = Array.from({ length: 60 }, (_, i) =>
      say(i, 'a>b', 'INVITE', { callId: `d${i}`, headers: [`X-CID: v${i % 2}`, 'X-Call-ID: hub'] }),
    );
    expect(
      find([...values.slice(0, 40), say(99, 'a>b', 'INVITE', { callId: 'hub', headers: ['X-CID: v0', 'X-CID: v1'] })], ['hub']).legs.size,
    ).toBe(41);
  });
});

test('call list counts legs', () => {
  const found = indexed([...leg('a1'), ...leg('b1', ['X-CID: a1']), ...leg('c1')].sort((a, b) => a.capturedAt - b.capturedAt)).calls;
  expect(found.map(({ callId, legs }) => [callId, legs]).sort()).toEqual([
    ['a1', 2],
    ['b1', 2],
    ['c1', 1],
  ]);
});

describe('heuristics', () => {
  const call = (members: object) => ({ ...only(answered()), fromUser: '+4930123456', toUser: '00498912345678', ...members });

  test('numbers match in their last digits, and host and times match', () => {
    const a = call({ callId: 'a' });
    const b = { callId: 'b', source: a.destination, destination: '10.0.0.9', startedAt: a.startedAt + 50_000, fromUser: '030123456' };
    expect(guessedLink(a, call({ ...b, toUser: '08912345678' }))).toBe('+4930123456 > 00498912345678');
    expect(guessedLink(a, call({ ...b, toUser: '08912345679' }))).toBe('');
    expect(guessedLink(a, call({ ...b, source: '10.0.0.7' }))).toBe('');
    expect(guessedLink(a, call({ ...b, startedAt: a.startedAt + 3_000_000 }))).toBe('');
    expect(guessedLink(a, call({ ...b, endedAt: a.endedAt + 3_000_000 }))).toBe('');
  });
});
