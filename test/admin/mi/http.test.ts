/** POST /mi against requests that a browser on the same machine can be tricked into, and against other machines. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { handleMi } from '../../../src/lib/admin/mi/http.js';
import { WebServer } from '../../../src/lib/admin/metrics/web-server.js';
import { silentLog, systemClock } from '../../../src/lib/base/index.js';
import { managedNode } from '../../rigs/managed-node.js';

const node = managedNode();
let token = '';
const server = new WebServer(
  '127.0.0.1',
  0,
  new Map([['/mi', (asked, reply) => handleMi(asked, reply, node, systemClock, token)]]),
  silentLog,
);
const OFF = '{"jsonrpc":"2.0","method":"sip_capture","params":["off"],"id":1}';

beforeAll(() => server.open());
afterAll(() => server.close());

function post(headers: Record<string, string>, body = OFF, method = 'POST'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: server.port, host: '127.0.0.1', path: '/mi', method, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece: string) => (text += piece)).on('end', () => resolve({ status: reply.statusCode!, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('without a token', () => {
  test.each<[string, Record<string, string>, number]>([
    ['application/json', JSON_TYPE, 200],
    [
      'application/json with parameters, from localhost',
      { 'Content-Type': 'Application/JSON; charset=utf-8', Host: 'localhost:8888' },
      200,
    ],
    ['Host [::1]', { ...JSON_TYPE, Host: '[::1]:8888' }, 200],
    ['no type', {}, 415],
    ['what a form may send', { 'Content-Type': 'text/plain' }, 415],
    ['what curl -d sends', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['a type that only begins alike', { 'Content-Type': 'application/jsonp' }, 415],
    ['a page of another origin', { ...JSON_TYPE, Origin: 'https://attacker.example' }, 403],
    ['a page in a sandbox', { ...JSON_TYPE, Origin: 'null' }, 403],
    ['a page, by its fetch metadata', { ...JSON_TYPE, 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['DNS rebinding', { ...JSON_TYPE, Host: 'attacker.example:8888' }, 403],
    ['DNS rebinding with the name of loopback in front', { ...JSON_TYPE, Host: '127.0.0.1.attacker.example' }, 403],
  ])('%s: %j', async (_, headers, status) => {
    node.captureOn = true;
    expect((await post(headers)).status).toBe(status);
    expect(node.captureOn).toBe(status !== 200);
  });

  test('other methods, an empty body, an oversized body, a notification', async () => {
    expect((await post({}, '', 'GET')).status).toBe(405);
    expect((await post(JSON_TYPE, '')).status).toBe(400);
    expect((await post(JSON_TYPE, ' '.repeat(70_000))).status).toBe(413);
    expect((await post(JSON_TYPE, '{"jsonrpc":"2.0","method":"which"}')).status).toBe(202);
  });
});

test('with a token: any Host is accepted, but no browser origin', async () => {
  token = 'secret';
  const good = { ...JSON_TYPE, Authorization: 'Bearer secret', Host: 'node.example.net:8888' };
  expect((await post(good)).status).toBe(200);
  expect((await post({ ...good, Authorization: 'Bearer secre' })).status).toBe(401);
  expect((await post(JSON_TYPE)).status).toBe(401);
  expect((await post({ ...good, Origin: 'http://node.example.net:8888' })).status).toBe(403);
  token = '';
});
