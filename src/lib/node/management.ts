/**
 * Access to a running node: management by FIFO, datagram and HTTP, metrics and health. Each listener has a key of its
 * settings; a reload opens what is new before it closes what is no longer needed, so that a failure changes nothing.
 */
import { dirname } from 'node:path';
import { UsageError, type Clock, type Log } from '../base/index.js';
import { MiDatagram } from '../admin/mi/datagram.js';
import { MiFifo } from '../admin/mi/fifo.js';
import { checkReplyDirectory } from '../admin/mi/reply-fifo.js';
import { handleMi } from '../admin/mi/http.js';
import { unixPath } from '../admin/mi/unix-datagram.js';
import type { ManagedNode } from '../admin/mi/commands.js';
import { NodeMetrics, type MetricsSource } from '../admin/metrics/registry.js';
import { WebServer, plain, type Handler } from '../admin/metrics/web-server.js';
import type { Settings, SocketAddress } from '../config/index.js';

type ManagementSettings = Pick<Settings, 'mi' | 'metrics'>;

interface Listener {
  key: string;
  /** Takes settings that need no new listener. */
  apply(settings: ManagementSettings): void;
  close(): Promise<void>;
}

interface Wanted {
  key: string;
  open(): Promise<Listener>;
}

/** New listeners, open but not yet active. */
export interface PreparedManagement {
  /** Switches to them; nothing can fail any more. */
  commit(): void;
  /** Closes them; the previous listeners stay unchanged. */
  abandon(): Promise<void>;
}

export class Management {
  private listeners: Listener[] = [];
  private metrics: NodeMetrics | null = null;
  private closing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly node: MetricsSource,
    private readonly managed: ManagedNode,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async open(settings: ManagementSettings): Promise<void> {
    (await this.prepare(settings)).commit();
  }

  /** Opens what the settings add; throws a UsageError with nothing changed where that fails. */
  async prepare(settings: ManagementSettings): Promise<PreparedManagement> {
    const wanted = this.wanted(settings);
    const added: Listener[] = [];
    const abandon = async () => {
      for (const listener of added.splice(0)) await listener.close();
    };
    try {
      for (const { key, open } of wanted) if (!this.listeners.some((known) => known.key === key)) added.push(await open());
    } catch (error) {
      await abandon();
      throw error;
    }
    const commit = () => {
      const isWanted = ({ key }: Listener) => wanted.some((each) => each.key === key);
      const gone = this.listeners.filter((listener) => !isWanted(listener));
      this.listeners = [...this.listeners.filter(isWanted), ...added.splice(0)];
      for (const listener of this.listeners) listener.apply(settings);
      // The command that triggered the reload may have come through one of them, and closing waits for its reply.
      this.closing = Promise.all([this.closing, ...gone.map((listener) => this.closeOne(listener))]);
    };
    return { commit, abandon };
  }

  /** Switches to other settings; '' when they are applied, else why nothing changed. */
  async reload(settings: ManagementSettings): Promise<string> {
    try {
      (await this.prepare(settings)).commit();
      return '';
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message;
    }
  }

  /** Files that were created for them: FIFO and UNIX socket. */
  static paths({ mi }: ManagementSettings): string[] {
    return [mi.fifo, unixPath(mi.datagram)].filter((path) => path !== '');
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.splice(0).map((listener) => this.closeOne(listener)));
    await this.closing;
  }

  private async closeOne(listener: Listener): Promise<void> {
    try {
      await listener.close();
    } catch (error) {
      this.log.warn(`${listener.key}: ${(error as Error).message}`);
    }
  }

  private wanted({ mi, metrics }: ManagementSettings): Wanted[] {
    const wanted: Wanted[] = [];
    if (mi.fifo !== '') {
      const key = `fifo ${mi.fifo}`;
      checkReplyDirectory(replyDirectory(mi));
      wanted.push({ key, open: async () => this.fifo(key, mi) });
    }
    if (mi.datagram !== '') {
      const key = `datagram ${mi.datagram}`;
      wanted.push({ key, open: () => this.datagram(key, mi.datagram) });
    }
    const addresses = [mi.http, metrics].filter((address) => address !== null);
    for (const address of addresses) {
      const key = httpKey(address);
      if (!wanted.some((each) => each.key === key)) wanted.push({ key, open: () => this.http(key, address) });
    }
    return wanted;
  }

  private fifo(key: string, mi: Settings['mi']): Listener {
    const fifo = new MiFifo({ path: mi.fifo, replyDirectory: replyDirectory(mi) }, this.managed, this.clock, this.log);
    fifo.open();
    return { key, apply: (settings) => fifo.useReplyDirectory(replyDirectory(settings.mi)), close: () => fifo.close() };
  }

  private async datagram(key: string, where: string): Promise<Listener> {
    const datagram = new MiDatagram(where, this.managed, this.clock, this.log);
    await datagram.open();
    return { key, apply() {}, close: () => datagram.close() };
  }

  /** Returns 404 for everything until it has something to serve. */
  private async http(key: string, { host, port }: SocketAddress): Promise<Listener> {
    const server = new WebServer(host, port, new Map(), this.log);
    await server.open();
    return {
      key,
      apply: (settings) => {
        const handlers = this.handlers(settings, key);
        const paths = [...handlers.keys()].join(', ');
        if (paths !== [...server.handlers.keys()].join(', ')) this.log.info(`http on ${host}:${server.port} (${paths})`);
        server.handlers = handlers;
      },
      close: () => server.close(),
    };
  }

  private handlers({ mi, metrics }: ManagementSettings, key: string): Map<string, Handler> {
    const handlers = new Map<string, Handler>();
    if (mi.http !== null && httpKey(mi.http) === key)
      handlers.set('/mi', (request, response) => handleMi(request, response, this.managed, this.clock, mi.token));
    if (metrics === null || httpKey(metrics) !== key) return handlers;
    this.metrics ??= new NodeMetrics(this.node);
    const numbers = this.metrics;
    return handlers
      .set('/metrics', async (_, response) => plain(response, 200, await numbers.text(), numbers.contentType))
      .set('/healthz', async (_, response) => plain(response, 200, 'ok\n'))
      .set('/readyz', async (_, response) => {
        const problems = numbers.problems();
        plain(response, problems.length === 0 ? 200 : 503, problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
      });
  }
}

/** The FIFO's own folder, which is the runtime directory of the node, where nothing else is set. */
function replyDirectory(mi: Settings['mi']): string {
  return mi.replyDirectory === '' ? dirname(mi.fifo) : mi.replyDirectory;
}

function httpKey({ host, port }: SocketAddress): string {
  return `http ${host} ${port}`;
}
