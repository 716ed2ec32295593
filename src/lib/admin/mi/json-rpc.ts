/** JSON-RPC 2.0 as in OpenSIPS 3: one request per text, compact replies, members in the order jsonrpc, result or error, id. */
import { runCommand, type ManagedNode, type MiAnswer, type MiError, type MiParameters, type MiValue } from './commands.js';

type Id = string | number | null;

export type Reply =
  | { kind: 'answer'; text: string }
  /** Executed; no reply was requested. */
  | { kind: 'notification' }
  /** The text is not valid JSON. */
  | { kind: 'unreadable'; text: string };

export async function answerJsonRpc(node: ManagedNode, text: string, now: number): Promise<Reply> {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', text: reply({ error: { code: -32700, message: 'Parse error' } }, null) };
  }
  if (!isRequest(request)) return { kind: 'answer', text: reply({ error: { code: -32600, message: 'Invalid Request' } }, null) };
  const { method, params, id } = request;
  const answer = await runCommand(node, method, params ?? [], now);
  if (id === undefined) return { kind: 'notification' };
  // Integers only: 1.5 is returned as 1.
  return { kind: 'answer', text: reply(answer, typeof id === 'number' ? Math.trunc(id) : id) };
}

interface Request {
  jsonrpc: '2.0';
  method: string;
  params?: MiParameters;
  id?: Id;
}

function isRequest(value: unknown): value is Request {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params, id } = value as Record<string, unknown>;
  const goodId = id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
  return (
    jsonrpc === '2.0' && typeof method === 'string' && (params === undefined || (typeof params === 'object' && params !== null)) && goodId
  );
}

function reply(answer: MiAnswer, id: Id): string {
  return JSON.stringify(
    'result' in answer ? { jsonrpc: '2.0', result: answer.result, id } : { jsonrpc: '2.0', error: ordered(answer.error), id },
  );
}

function ordered({ code, message, data }: MiError): MiValue {
  return data === undefined ? { code, message } : { code, message, data };
}
