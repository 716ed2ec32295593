/**
 * The listeners of a group: connections over TCP and TLS are accepted here and passed to the process that serves their
 * sender, before anything is read of them. UDP ports are only tried: the processes bind them, sharing them.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { bindError, hepEndpointText, type Environment, type HepEndpoint, type Log } from '../../base/index.js';
import { listenerFor, openListener, type ListenerSettings } from '../../pipeline/input/hep-listeners.js';

export interface PreparedListeners {
  /** Where they listen: a port 0 is replaced by the port that it got. */
  endpoints: HepEndpoint[];
  commit(): void;
  discard(): void;
}

interface Open {
  endpoint: HepEndpoint;
  /** Null for UDP. */
  server: Server | null;
  log: string[];
}

export class SharedListeners {
  private open: Open[] = [];

  constructor(
    private readonly env: Environment,
    /** Called with each connection, paused, and the name of its listener. */
    private readonly onConnection: (listener: string, socket: Socket) => void,
  ) {}

  /** Opens those that are not open yet; throws with nothing left open. */
  async prepare(endpoints: readonly HepEndpoint[], settings: ListenerSettings): Promise<PreparedListeners> {
    const fresh: Open[] = [];
    const wanted: Open[] = [];
    const discard = () => {
      for (const { server } of fresh) server?.close();
    };
    try {
      for (const endpoint of endpoints) {
        const known = this.open.find((one) => hepEndpointText(one.endpoint) === hepEndpointText(endpoint));
        const one = known ?? (endpoint.transport === 'udp' ? await this.tried(endpoint, settings) : await this.accepting(endpoint));
        if (known === undefined) fresh.push(one);
        wanted.push(one);
      }
    } catch (error) {
      discard();
      throw error;
    }
    const commit = () => {
      for (const { server } of this.open.filter((one) => !wanted.includes(one))) server?.close();
      this.open = wanted;
      for (const { log } of fresh) for (const text of log) this.env.log.info(text);
    };
    return { endpoints: wanted.map(({ endpoint }) => endpoint), commit, discard };
  }

  close(): void {
    for (const { server } of this.open.splice(0)) server?.close();
  }

  /** Whoever else uses the port is reported once, and not by each process. */
  private async tried(endpoint: HepEndpoint, settings: ListenerSettings): Promise<Open> {
    const log: string[] = [];
    const listener = listenerFor(endpoint, settings, { ...this.env, log: collecting(log, this.env.log) });
    await openListener(listener);
    const { port } = listener;
    await listener.stop();
    return { endpoint: { ...endpoint, port }, server: null, log };
  }

  private async accepting(endpoint: HepEndpoint): Promise<Open> {
    const { host, port } = endpoint;
    const server = createServer({ pauseOnConnect: true });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, ipv6Only: host.includes(':'), exclusive: true }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      throw await bindError(error, { protocol: 'tcp', name: hepEndpointText(endpoint), host, port });
    }
    const bound = { ...endpoint, port: (server.address() as AddressInfo).port };
    const name = hepEndpointText(bound);
    server.on('error', (error: Error) => this.env.log.warn(`${name}: ${error.message}`));
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => {});
      this.onConnection(name, socket);
    });
    return { endpoint: bound, server, log: [`listening on ${name}`] };
  }
}

/** Logged once the processes receive. */
function collecting(lines: string[], log: Log): Log {
  return { ...log, info: (text) => void lines.push(text) };
}
