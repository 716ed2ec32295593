/** What is done with each message instead of the default. */
import type { Message } from '../../base/index.js';

export interface Policy {
  /** Enters the message into the books and hands it on; false when a sink is full. */
  message(message: Message): boolean;
}
