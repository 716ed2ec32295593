/** A process's connection to its parent: messages, connections of listeners, and the log, which the parent writes. */
import type { Socket } from 'node:net';
import { hepEndpointText, lineLog, type HepEndpoint, type Log } from '../../base/index.js';
import type { AcceptedConnections } from '../../capture/hep/index.js';
import type { FromProcess, ToProcess } from './protocol.js';

/** Logged by the parent for all of them. */
const OF_PARENT = /^(?:listening on |configuration reloaded|cannot apply configuration)/;
/** The exit of a process whose parent is gone must not wait for long. */
const LAST_WORD_MS = 1000;

export class ParentLink implements AcceptedConnections {
  readonly log: Log;
  private readonly takers = new Map<string, (socket: Socket) => void>();
  private readonly fallback = lineLog(process.stderr);

  /** `onMessage` gets all but connections. */
  constructor(onMessage: (message: ToProcess) => void) {
    const log = (level: keyof Log) => (text: string) => {
      if (OF_PARENT.test(text)) return;
      if (process.connected) this.send({ kind: 'log', level, text });
      else this.fallback[level](text);
    };
    this.log = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    process.on('message', (message: ToProcess, socket: unknown) => {
      if (message.kind !== 'connection') onMessage(message);
      else this.connection(message.listener, socket as Socket | undefined);
    });
  }

  send(message: FromProcess): void {
    if (process.connected) process.send!(message, undefined, undefined, () => {});
  }

  /** Sends the last message, and exits. */
  leave(message: FromProcess, code: number): void {
    setTimeout(() => process.exit(code), LAST_WORD_MS);
    if (process.connected) process.send!(message, undefined, undefined, () => process.exit(code));
    else process.exit(code);
  }

  receive(endpoint: HepEndpoint, take: (socket: Socket) => void): void {
    this.takers.set(hepEndpointText(endpoint), take);
  }

  end(endpoint: HepEndpoint): void {
    this.takers.delete(hepEndpointText(endpoint));
  }

  /** Undefined where the connection was reset on the way. */
  private connection(listener: string, socket: Socket | undefined): void {
    const take = this.takers.get(listener);
    if (take !== undefined && socket !== undefined) take(socket);
    else socket?.destroy();
  }
}
