/** Management commands over HTTP: POST /mi with a JSON-RPC request. Beyond loopback a token is asked for. */
import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../base/index.js';
import type { ManagedNode } from './commands.js';
import { answerJsonRpc } from './json-rpc.js';

const MAX_BYTES = 65_536;

/** Handles the request; the token is '' where loopback alone may ask. */
export async function handleMi(
  request: IncomingMessage,
  response: ServerResponse,
  node: ManagedNode,
  clock: Clock,
  token: string,
): Promise<void> {
  if (!isAllowed(request, token)) return end(response, 401, '', { 'WWW-Authenticate': 'Bearer' });
  if (request.method !== 'POST') return end(response, 405, '', { Allow: 'POST' });
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) return end(response, 413, '');
    pieces.push(piece);
  }
  if (bytes === 0) return end(response, 400, '');
  const reply = await answerJsonRpc(node, Buffer.concat(pieces).toString('utf8'), clock.now());
  // Errors are answers, too: 200, as the original.
  if (reply.kind === 'notification') return end(response, 202, '');
  end(response, 200, reply.text, { 'Content-Type': 'application/json' });
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const from = request.socket.remoteAddress ?? '';
  const isLoopback = from === '::1' || from.startsWith('127.') || from.startsWith('::ffff:127.');
  if (token === '') return isLoopback;
  const given = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}
