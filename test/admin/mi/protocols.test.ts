/** The management protocols byte for byte: JSON-RPC, the text protocol, and the parsing of what is written into a FIFO. */
import { describe, expect, test } from '@jest/globals';
import { takeRequest, type FifoRequest } from '../../../src/lib/admin/mi/fifo-request.js';
import { answerJsonRpc } from '../../../src/lib/admin/mi/json-rpc.js';
import { answerText } from '../../../src/lib/admin/mi/text-protocol.js';
import { managedNode as node } from '../../rigs/managed-node.js';

describe('JSON-RPC', () => {
  const rows: [string, string][] = [
    ['{"jsonrpc":"2.0","method":"sip_capture","id":"7"}', '{"jsonrpc":"2.0","result":{"SIP capturing":"on"},"id":"7"}'],
    ['{"jsonrpc":"2.0","method":"sipcapture:capture","params":["off"],"id":8}', '{"jsonrpc":"2.0","result":"OK","id":8}'],
    ['{"jsonrpc":"2.0","method":"capture","params":{"capture_mode":"OFF"},"id":8}', '{"jsonrpc":"2.0","result":"OK","id":8}'],
    ['{"jsonrpc":"2.0","method":"sip_capture","params":{"trace_mode":"1"},"id":8}', '{"jsonrpc":"2.0","result":"OK","id":8}'],
    [
      '{"jsonrpc":"2.0","method":"sip_capture","params":["perhaps"],"id":8}',
      '{"jsonrpc":"2.0","error":{"code":500,"message":"Bad parameter value"},"id":8}',
    ],
    [
      '{"jsonrpc":"2.0","method":"sip_capture","params":["on","off"],"id":8}',
      '{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"Too few or too many parameters"},"id":8}',
    ],
    [
      '{"jsonrpc":"2.0","method":"sip_capture","params":{"mode":"on"},"id":8}',
      '{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":"Named parameters do not match"},"id":8}',
    ],
    ['{"jsonrpc":"2.0","method":"nope","id":8}', '{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":8}'],
    ['{"jsonrpc":"2.0","method":"version","id":1.5}', '{"jsonrpc":"2.0","result":{"Server":"sipcap (1.2.3)"},"id":1}'],
    ['{"jsonrpc":"2.0","method":"version","id":null}', '{"jsonrpc":"2.0","result":{"Server":"sipcap (1.2.3)"},"id":null}'],
    ['{"jsonrpc":"1.0","method":"version","id":1}', '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null}'],
    ['[{"jsonrpc":"2.0","method":"version","id":1}]', '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null}'],
    ['{"jsonrpc":"2.0","method":"which","params":["sip_capture"],"id":1}', '{"jsonrpc":"2.0","result":[[],["capture_mode"]],"id":1}'],
    [
      '{"jsonrpc":"2.0","method":"which","params":["nope"],"id":1}',
      '{"jsonrpc":"2.0","error":{"code":404,"message":"unknown MI command"},"id":1}',
    ],
    [
      '{"jsonrpc":"2.0","method":"get_statistics","params":[["sipcapture:"]],"id":1}',
      '{"jsonrpc":"2.0","result":{"sipcapture:found":5},"id":1}',
    ],
    [
      '{"jsonrpc":"2.0","method":"get_statistics","params":{"statistics":["all"]},"id":1}',
      '{"jsonrpc":"2.0","result":{"sipcapture:found":5,"database:written":3},"id":1}',
    ],
    ['{"jsonrpc":"2.0","method":"reload","params":{},"id":"x"}', '{"jsonrpc":"2.0","result":"OK","id":"x"}'],
  ];
  test.each(rows)('%s', async (request, wanted) => {
    expect(await answerJsonRpc(node(), request, 0)).toEqual({ kind: 'answer', text: wanted });
  });

  test('without an id: executed, no response', async () => {
    const managed = node();
    expect(await answerJsonRpc(managed, '{"jsonrpc":"2.0","method":"sip_capture","params":["off"]}', 0)).toEqual({ kind: 'notification' });
    expect(managed.captureOn).toBe(false);
  });

  test('invalid JSON is a parse error', async () => {
    expect(await answerJsonRpc(node(), '{"jsonrpc":', 0)).toEqual({
      kind: 'unreadable',
      text: '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}',
    });
  });

  test('which lists every form of the switch command', async () => {
    const reply = await answerJsonRpc(node(), '{"jsonrpc":"2.0","method":"which","id":1}', 0);
    expect((JSON.parse((reply as { text: string }).text) as { result: string[] }).result).toEqual(
      expect.arrayContaining(['sip_capture', 'sipcapture:capture', 'which', 'reload']),
    );
  });
});

describe('the text protocol', () => {
  const rows: [string, string[], string][] = [
    ['sip_capture', [], '200 OK\non\n\n'],
    ['sip_capture', ['off'], '200 OK\n\n'],
    ['sip_capture', ['mode:: "ON"'], '200 OK\n\n'],
    ['sip_capture', ['perhaps'], '400 Bad parameter\n\n'],
    ['nope', [], "500 command 'nope' not available\n"],
    ['version', [], '200 OK\nServer:: sipcap (1.2.3)\n\n'],
    ['which', ['sip_capture'], '200 OK\ncapture_mode\n\n'],
  ];
  test.each(rows)('%s %j', async (name, lines, wanted) => {
    expect(await answerText(node(), name, lines, 0)).toBe(wanted);
  });
});

describe('requests in a FIFO', () => {
  const all = (text: string): { requests: FifoRequest[]; rest: string } => {
    const requests: FifoRequest[] = [];
    let rest = text;
    for (let taken = takeRequest(rest); taken !== null; taken = takeRequest(rest)) {
      if (taken.request !== null) requests.push(taken.request);
      rest = taken.rest;
      if (rest === '') break;
    }
    return { requests, rest };
  };
  const json = (reply: string, text: string): FifoRequest => ({ kind: 'json', reply, json: text });
  const text = (command: string, reply: string, ...lines: string[]): FifoRequest => ({ kind: 'text', command, reply, lines });

  test.each<[string, FifoRequest[], string]>([
    [':reply:{"a":"}"}', [json('reply', '{"a":"}"}')], ''],
    [':r: {"a":[1,{"b":"\\""}]} \n:s:{"c":1}', [json('r', '{"a":[1,{"b":"\\""}]}'), json('s', '{"c":1}')], ''],
    ['::{"a":1}', [json('', '{"a":1}')], ''],
    [':sip_capture:reply\non\n\n', [text('sip_capture', 'reply', 'on')], ''],
    [':sip_capture:\n\n', [text('sip_capture', '')], ''],
    [':sip_capture:r\noff\n\n:r2:{"x":1}:which:r3\n\n', [text('sip_capture', 'r', 'off'), json('r2', '{"x":1}'), text('which', 'r3')], ''],
    [':sip_capture:r\non\n', [], ':sip_capture:r\non\n'],
    [':r:{"a":', [], ':r:{"a":'],
    [':r', [], ':r'],
    ['junk', [], ''],
    ['junk:r:{}', [json('r', '{}')], ''],
  ])('%j', (written, requests, rest) => {
    expect(all(written)).toEqual({ requests, rest });
  });

  test('requests are the same however the input is split', () => {
    const whole = ':sip_capture:r\noff\n\n:r2:{"x":"a}b"}';
    for (let cut = 1; cut < whole.length; cut++) {
      const first = all(whole.slice(0, cut));
      const second = all(first.rest + whole.slice(cut));
      expect([...first.requests, ...second.requests]).toEqual([text('sip_capture', 'r', 'off'), json('r2', '{"x":"a}b"}')]);
    }
  });
});
