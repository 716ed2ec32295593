/** One ClickHouse server over HTTP: statements, results as a stream of rows, and inserts of ready-made bytes. */
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { UsageError } from '../../base/index.js';
import type { DatabaseHost, DatabaseUrl } from '../database-url.js';
import type { ResultRow } from '../sql/queries.js';
import type { SelectedColumn } from '../sql/session.js';
import { tlsOptions } from '../tls.js';
import { binaryRows, marked } from './binary-rows.js';
import { serverError, tlsError } from './faults.js';
import { TabSeparatedDecoder } from './tab-separated.js';

/** Deadlines are the store's; this only ends what nobody waits for any more. */
const REQUEST_MS = 3_600_000;

export class HttpClient {
  private readonly client: ClickHouseClient;
  private readonly isTls: boolean;
  private readonly aborting = new AbortController();
  private hasAnswered = false;
  /** Settings of inserts; a server refuses those that it does not know. */
  insertSettings: ClickHouseSettings = {};

  constructor(url: DatabaseUrl, { host, port }: DatabaseHost) {
    const tls = tlsOptions(url);
    if (tls !== null && (!tls.rejectUnauthorized || !tls.verifyIdentity))
      throw new UsageError(`database URL '${url.shown}': certificates of ClickHouse are always verified; use sslmode=verify-full`);
    this.isTls = tls !== null;
    this.client = createClient({
      url: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
      username: url.user === '' ? 'default' : url.user,
      password: url.password,
      database: url.database,
      application: 'sipcap',
      request_timeout: REQUEST_MS,
      // Each result that is being read takes one; fewer than results that are merged would be a deadlock.
      max_open_connections: Infinity,
      compression: { request: false, response: false },
      log: { level: ClickHouseLogLevel.OFF },
      ...(tls === null || tls.ca === undefined ? {} : { tls: tlsFiles(tls.ca, tls.cert, tls.key) }),
    });
  }

  get isAborted(): boolean {
    return this.aborting.signal.aborted;
  }

  async command(query: string): Promise<void> {
    const { stream } = await this.asked(() => this.client.exec({ query, abort_signal: this.aborting.signal }));
    await drained(stream);
  }

  /** `columns` are those of the result, where they are known. */
  async *rows(sql: string, columns: readonly SelectedColumn[] | null = null): AsyncGenerator<ResultRow[]> {
    const binary = columns === null ? null : binaryRows(columns);
    const query = binary === null ? `${sql} FORMAT TabSeparatedWithNamesAndTypes` : `${marked(sql)} FORMAT RowBinary`;
    const { stream } = await this.asked(() => this.client.exec({ query, abort_signal: this.aborting.signal }));
    const decoder = binary ?? new TabSeparatedDecoder();
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const rows = decoder.rows(chunk);
        if (rows.length > 0) yield rows;
      }
      decoder.end();
    } finally {
      stream.destroy();
    }
  }

  /** `INSERT INTO … FORMAT RowBinary`; the answer counts when it was read to its end. */
  async insert(query: string, bytes: Buffer): Promise<void> {
    const { stream } = await this.asked(() =>
      this.client.exec({
        query,
        values: Readable.from([bytes], { objectMode: false }),
        abort_signal: this.aborting.signal,
        clickhouse_settings: this.insertSettings,
      }),
    );
    await drained(stream);
  }

  abort(): void {
    this.aborting.abort();
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  /** A server without TLS may wait for the rest of what it takes for a request. */
  private get silence(): string {
    return this.isTls && !this.hasAnswered ? 'no answer in time; is it using TLS?' : 'no answer in time';
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.hasAnswered = true;
      return answer;
    } catch (error) {
      if (this.isAborted) throw new Error(this.silence, { cause: error });
      throw serverError(this.isTls ? tlsError(error) : error);
    }
  }
}

async function drained(stream: Readable): Promise<void> {
  for await (const chunk of stream) void chunk;
}

function tlsFiles(ca: string, cert: string | undefined, key: string | undefined) {
  const files = { ca_cert: Buffer.from(ca) };
  return cert === undefined || key === undefined ? files : { ...files, cert: Buffer.from(cert), key: Buffer.from(key) };
}
