import { expect, test } from '@jest/globals';
import { Ledger, accountingErrors, type SinkCounts } from '../../src/lib/base/index.js';

function balanced(): { ledger: Ledger; counts: SinkCounts } {
  const ledger = new Ledger();
  ledger.received = 10;
  ledger.without.add('no_sip', 3);
  ledger.without.add('cut', 1);
  ledger.part = 2;
  ledger.complete = 4;
  ledger.found = 9;
  ledger.filtered.add('port', 2);
  ledger.rejected.add('not_sip', 1);
  ledger.delivered = 6;
  return { ledger, counts: { delivered: 6, written: 2, refused: 1, waiting: 1, lost: 2, reasons: {} } };
}

test('a balanced ledger reports no accounting error', () => {
  const { ledger, counts } = balanced();
  expect(
    accountingErrors(ledger, [
      { sink: 'database', counts },
      { sink: 'file', counts: { ...counts, before: 5, written: 7 } },
    ]),
  ).toEqual([]);
  expect(accountingErrors(new Ledger(), [])).toEqual([]);
});

test.each<[string, (ledger: Ledger, counts: SinkCounts) => void, string[]]>([
  ['a frame that is nowhere', (ledger) => ledger.received++, ['frames received = without + part + complete: 11 is not 10']],
  ['a frame counted twice', (ledger) => ledger.without.add('no_sip'), ['frames received = without + part + complete: 10 is not 11']],
  ['a message that is nowhere', (ledger) => ledger.found++, ['messages found = filtered + rejected + delivered: 10 is not 9']],
  [
    'a message that a sink never saw',
    (_ledger, counts) => (counts.delivered--, counts.written--),
    ['s: delivered to it = delivered: 5 is not 6'],
  ],
  ['a message that a sink forgot', (_ledger, counts) => counts.lost--, ['s: delivered = written + refused + waiting + lost: 6 is not 5']],
  [
    'a backlog that is nowhere',
    (_ledger, counts) => (counts.before = 3),
    ['s: delivered = written + refused + waiting + lost: 9 is not 6'],
  ],
])('%s', (_name, spoil, logged) => {
  const { ledger, counts } = balanced();
  spoil(ledger, counts);
  expect(accountingErrors(ledger, [{ sink: 's', counts }])).toEqual(logged);
});
