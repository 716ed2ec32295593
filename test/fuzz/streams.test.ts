/** Segments made out of a template are those that are built anew, checksums and all. */
import { expect, test } from '@jest/globals';
import { Conversation } from '../rigs/conversation.js';
import { bytesOf, segment } from './streams.js';

test.each([1, 2, 39, 1400])('a segment of %i bytes', (size) => {
  const payload = Buffer.from(Array.from({ length: size }, (_, i) => (i * 37 + 200) & 255));
  const template = bytesOf(new Conversation(40_001).client('x').frames[0]);
  for (const offset of [0, 1, 70_000]) {
    const [one] = new Conversation(40_001).lose('client', offset).client(payload).frames;
    expect(segment(template, offset, payload).toString('hex')).toBe(bytesOf(one).toString('hex'));
  }
});
