/**
 * Management commands over HTTP: POST /mi with a JSON-RPC request. A web page in a browser on this machine can
 * send requests to loopback, too; so the body must be application/json, which needs a CORS preflight across origins,
 * pages (they have an Origin) are refused, and without a token the Host must be a name of loopback (DNS rebinding).
 */
import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback, type Clock } from '../../base/index.js';
import type { ManagedNode } from './commands.js';
import { answerJsonRpc } from './json-rpc.js';

const MAX_BYTES = 65_536;

/** Handles the request; without a token ('') only loopback may send one. */
export async function handleMi(
  request: IncomingMessage,
  response: ServerResponse,
  node: ManagedNode,
  clock: Clock,
  token: string,
): Promise<void> {
  const refused = refusal(request, token);
  if (refused !== null) return end(response, refused.status, `${refused.why}\n`, refused.headers);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) return end(response, 413, `a request has at most ${MAX_BYTES} bytes\n`, { Connection: 'close' });
    pieces.push(piece);
  }
  if (bytes === 0) return end(response, 400, 'empty request: expected a JSON-RPC request\n');
  const reply = await answerJsonRpc(node, Buffer.concat(pieces).toString('utf8'), clock.now());
  // Errors are sent with status 200, as OpenSIPS does.
  if (reply.kind === 'notification') return end(response, 202, '');
  end(response, 200, reply.text, { 'Content-Type': 'application/json' });
}

interface Refusal {
  status: number;
  why: string;
  headers?: Record<string, string>;
}

function refusal(request: IncomingMessage, token: string): Refusal | null {
  const { headers } = request;
  if (token !== '' && !hasToken(headers.authorization ?? '', token))
    return { status: 401, why: 'token required', headers: { 'WWW-Authenticate': 'Bearer' } };
  if (token === '' && !isLoopbackAddress(request.socket.remoteAddress ?? ''))
    return { status: 403, why: 'only loopback may send commands: set mi.token' };
  if (token === '' && !isLoopback(hostName(headers.host ?? '')))
    return { status: 403, why: 'invalid Host: expected 127.0.0.1, [::1] or localhost' };
  if (headers.origin !== undefined || isCrossSite(headers['sec-fetch-site']))
    return { status: 403, why: 'requests from web pages are refused' };
  if (request.method !== 'POST') return { status: 405, why: 'expected POST', headers: { Allow: 'POST' } };
  const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  return type === 'application/json' ? null : { status: 415, why: 'expected Content-Type: application/json' };
}

function hasToken(authorization: string, token: string): boolean {
  const given = /^Bearer (.*)$/i.exec(authorization)?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isLoopbackAddress(address: string): boolean {
  return isLoopback(address.replace(/^::ffff:(?=\d+\.)/i, ''));
}

/** Without the port, and without brackets. */
function hostName(host: string): string {
  return (/^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase();
}

/** What browsers report about a request's origin; `none` means that the user typed the address. */
function isCrossSite(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== 'none';
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}
