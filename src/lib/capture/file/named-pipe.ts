/**
 * Named pipes. Opening one blocks a thread of Node's pool until there is a writer, which would delay the exit of
 * the process; so to stop waiting, the other end is opened here for a moment.
 */
import { close, closeSync, constants, open, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { StreamOpening } from './stream-bytes.js';

export function openPipe(path: string): StreamOpening {
  let waiting = false;
  let abandoned = false;
  return {
    open: () =>
      new Promise((resolve, reject) => {
        waiting = true;
        open(path, 'r', (error, descriptor) => {
          waiting = false;
          if (error !== null) reject(error);
          else if (!abandoned) resolve(new Socket({ fd: descriptor, readable: true, writable: false }));
          else close(descriptor, () => reject(new Error('abandoned')));
        });
      }),
    abandon() {
      abandoned = true;
      if (waiting) closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    },
  };
}
