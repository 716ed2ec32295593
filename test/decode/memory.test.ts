/** What is kept of many connections holds no memory besides its own: Node's small buffers share pools of 8 KiB. */
import { expect, test } from '@jest/globals';
import { Ledger, type Frame } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { Conversation } from '../rigs/conversation.js';
import { usePool, usedMemory } from '../rigs/memory.js';
import { options } from '../rigs/messages.js';

const COUNT = 2000;

const open = (port: number) => new Conversation(port).open();

test.each([
  ['a TCP connection', 8500, (i: number) => open(1024 + i).client(options(`call-${i}`, 100)).frames],
  ['a TCP connection with frames', 9000, (i: number) => open(1024 + i).client(options(`call-${i}`, 100)).frames],
  [
    'a segment behind a hole',
    7500,
    (i: number) =>
      open(1024 + i)
        .client('O')
        .lose('client', 10)
        .client('PTIONS').frames,
  ],
])('%s takes less than %i bytes', (name, most, framesOf: (i: number) => Frame[]) => {
  const extractor = new FrameExtractor(
    { ports: [], keepFrames: name.endsWith('frames'), parseHep: false },
    new Ledger(),
    () => '',
    () => true,
  );
  const before = usedMemory();
  for (let i = 0; i < COUNT; i++)
    for (const one of framesOf(i)) {
      extractor.frame(one);
      usePool();
    }
  const each = (usedMemory() - before) / COUNT;
  expect(each).toBeLessThan(most);
  extractor.finish();
});
