/** The doors to a running node: management by FIFO, datagram and HTTP, metrics and health. */
import type { Clock, Log } from '../base/index.js';
import { MiDatagram } from '../admin/mi/datagram.js';
import { MiFifo } from '../admin/mi/fifo.js';
import { handleMi } from '../admin/mi/http.js';
import type { ManagedNode } from '../admin/mi/commands.js';
import { NodeMetrics } from '../admin/metrics/registry.js';
import { WebServer, plain, type Handler } from '../admin/metrics/web-server.js';
import type { Settings } from '../config/index.js';
import type { CaptureNode } from './node.js';

export class Management {
  private closers: (() => Promise<void>)[] = [];

  constructor(
    private readonly node: CaptureNode,
    private readonly managed: ManagedNode,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async open({ mi, metrics }: Settings): Promise<void> {
    if (mi.fifo !== '') {
      const fifo = new MiFifo({ path: mi.fifo, replyDirectory: mi.replyDirectory }, this.managed, this.clock, this.log);
      fifo.open();
      this.closers.push(() => fifo.close());
    }
    if (mi.datagram !== '') {
      const datagram = new MiDatagram(mi.datagram, this.managed, this.clock, this.log);
      await datagram.open();
      this.closers.push(() => datagram.close());
    }
    const shared = mi.http !== null && metrics !== null && mi.http.host === metrics.host && mi.http.port === metrics.port;
    const miHandlers: Record<string, Handler> = {
      '/mi': (request, response) => handleMi(request, response, this.managed, this.clock, mi.token),
    };
    if (mi.http !== null) await this.serve(mi.http.host, mi.http.port, shared ? { ...miHandlers, ...this.metricsHandlers() } : miHandlers);
    if (metrics !== null && !shared) await this.serve(metrics.host, metrics.port, this.metricsHandlers());
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
  }

  private async serve(host: string, port: number, handlers: Record<string, Handler>): Promise<void> {
    const server = new WebServer(host, port, handlers, this.log);
    await server.open();
    this.log.info(`http on ${host}:${server.port} (${Object.keys(handlers).join(', ')})`);
    this.closers.push(() => server.close());
  }

  private metricsHandlers(): Record<string, Handler> {
    const metrics = new NodeMetrics(this.node);
    return {
      '/metrics': async (_, response) => plain(response, 200, await metrics.text(), metrics.contentType),
      '/healthz': async (_, response) => plain(response, 200, 'ok\n'),
      '/readyz': async (_, response) => {
        const waiting = this.node.outputs.unreachable;
        plain(response, waiting ? 503 : 200, waiting ? 'a database or target is away\n' : 'ok\n');
      },
    };
  }
}
