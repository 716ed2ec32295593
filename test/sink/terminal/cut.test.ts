/** A message whose end is missing is marked on the screen and in JSON, and no other is. */
import { expect, test } from '@jest/globals';
import { Ledger, type Message } from '../../../src/lib/base/index.js';
import { MessagePreparer } from '../../../src/lib/extract/prepare-message.js';
import { jsonFormat } from '../../../src/lib/sink/terminal/json-format.js';
import { PLAIN_LINES, textFormat } from '../../../src/lib/sink/terminal/text-format.js';
import { hear, udpFrame } from '../../rigs/conversation.js';
import { options } from '../../rigs/messages.js';

function prepared(bytes: Buffer): Message {
  const [message] = hear([udpFrame(bytes)]).messages;
  new MessagePreparer(new Ledger()).prepare(message, false);
  return message;
}

test.each([
  ['whole', options('one', 20), false],
  ['without a byte of its body', options('one', 20).subarray(0, -1), true],
])('%s', (_, bytes, isCut) => {
  const message = prepared(bytes);
  expect(textFormat(PLAIN_LINES)(message).endsWith(' [cut]\n')).toBe(isCut);
  expect((JSON.parse(jsonFormat()(message)) as { cut?: boolean }).cut).toBe(isCut ? true : undefined);
});
