/** One message never ends a run: an exception in handling or decoding loses that message, is counted, and logged once per location. */
import { expect, test } from '@jest/globals';
import { Ledger, accountingErrors, silentLog } from '../../src/lib/base/index.js';
import { Intake } from '../../src/lib/pipeline/intake.js';
import { Outputs } from '../../src/lib/pipeline/output/outputs.js';
import { ETHER_IPV4, ethernet, frame, udpPacket } from '../rigs/frames.js';
import { hepMessage, options } from '../rigs/messages.js';

const selection = { ports: [], parseHep: false, rtcp: false, tunnelTo: null, keepFrames: false, workers: 0, isLive: false };

test('exceptions of handlers and decoders', async () => {
  const ledger = new Ledger();
  const logged: string[] = [];
  const log = { ...silentLog, error: (text: string) => void logged.push(text) };
  const outputs = new Outputs(ledger, log, false);
  const intake = new Intake({ ledger, outputs, log, hep: {}, count: 0, onCount() {} });
  let calls = 0;
  intake.use({
    handle() {
      if (calls++ % 3 === 1) throw new Error('a mistake of ours');
      return null;
    },
  });
  for (let i = 0; i < 9; i++) intake.message(hepMessage({ payload: options(`call ${i}`) }), 100);
  expect([ledger.found, ledger.delivered, ledger.rejected.toJSON()]).toEqual([9, 6, { exception: 3 }]);
  const frames = intake.frames(selection);
  const good = () => ethernet(ETHER_IPV4, udpPacket({ source: '127.0.0.1', destination: '127.0.0.2' }, options('in a frame')));
  const broken = { ...frame(good()), bytes: null as never };
  calls = 0;
  for (const each of [frame(good()), broken, broken, frame(good())]) frames.frame(each);
  await frames.finish();
  expect([ledger.found, ledger.delivered, ledger.without.toJSON()]).toEqual([11, 7, { exception: 2 }]);
  expect(logged).toHaveLength(2);
  expect(logged[0]).toContain('internal error, the message is skipped: Error: a mistake of ours');
  expect(accountingErrors(ledger, [])).toEqual([]);
  await outputs.close({ passed: Promise.resolve(), remainingMs: 0 });
});
