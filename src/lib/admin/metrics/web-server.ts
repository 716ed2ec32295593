/** The small HTTP servers of a node: metrics, health and management, by path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bindError, type Log } from '../../base/index.js';

const PATIENCE_MS = 1000;

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export class WebServer {
  private server: Server | null = null;

  /** `handlers` by path; they may be replaced while it runs. */
  constructor(
    private readonly host: string,
    private readonly wantedPort: number,
    public handlers: ReadonlyMap<string, Handler>,
    private readonly log: Log,
  ) {}

  async open(): Promise<void> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0].replace(/(.)\/$/, '$1');
      const handler = this.handlers.get(path);
      if (handler === undefined) {
        response.writeHead(404, { 'Content-Length': '0' }).end();
        return;
      }
      handler(request, response).catch((error: Error) => {
        this.log.warn(`http ${path}: ${error.message}`);
        if (!response.headersSent) response.writeHead(500, { 'Content-Length': '0' });
        response.end();
      });
    });
    server.requestTimeout = 10_000;
    await new Promise<void>((resolve, reject) => {
      server.once(
        'error',
        (error) =>
          void bindError(error, {
            protocol: 'tcp',
            name: `http ${this.host}:${this.wantedPort}`,
            host: this.host,
            port: this.wantedPort,
          }).then(reject),
      );
      server.listen(this.wantedPort, this.host, () => resolve());
    });
    this.server = server;
  }

  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Requests in progress are completed. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const timer = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }
}

/** A short text. */
export function plain(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }).end(text);
}
