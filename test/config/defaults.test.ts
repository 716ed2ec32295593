/** Defaults, sockets of a script, limits of listeners. */
import { describe, expect, test } from '@jest/globals';
import { load, settingsIn } from './load.js';

describe('defaults', () => {
  test('a script has the defaults of OpenSIPS: everything off', () => {
    expect(
      settingsIn('c.cfg', 'modparam("sipcapture", "raw_ipip_capture_on", 1)\ndb_default_url="sqlite:/x.db"\nsocket=hep_udp:127.0.0.1\n'),
    ).toMatchObject({ captureOn: false, listeners: [] });
  });

  test('YAML has storing on', () => {
    expect(settingsIn('s.yaml', 'db_url: sqlite:/x.db\nsocket: udp:127.0.0.1\n')).toMatchObject({
      captureOn: true,
      listeners: [{ transport: 'udp', port: 9060 }],
      hepRoute: 'sip',
      script: null,
      targets: [],
      live: [],
      retention: null,
      correlationChunk: 0x11,
      drainSeconds: 10,
      silentAfterSeconds: 0,
      databases: [
        {
          table: 'sip_capture',
          reportTable: 'rtcp_capture',
          captureNode: 'homer01',
          batchRows: 1000,
          tableTime: 'packet',
          reportShape: 'homer5',
        },
      ],
    });
  });

  test('additional databases inherit what they do not set', () => {
    const { databases } = settingsIn(
      's.yaml',
      'db_url: sqlite:/x.db\ntable_name: calls\npartition: day\ncolumns: {callid: c}\nsocket: udp:127.0.0.1\ndatabases:\n  - db_url: postgres://u@h/d\n    table_name: other\n    partition: none\n  - {db_url: "sqlite:/y.db"}\n',
    );
    expect(databases.map(({ db, table, partition, renames }) => [db, table, partition, renames])).toEqual([
      ['sqlite:/x.db', 'calls', 'day', { callid: 'c' }],
      ['postgres://u@h/d', 'other', 'none', { callid: 'c' }],
      ['sqlite:/y.db', 'calls', 'day', { callid: 'c' }],
    ]);
  });

  test('no kernel filter with IP-in-IP, where it would drop every tunnel', () => {
    const settings = settingsIn(
      's.yaml',
      'db_url: sqlite:/x.db\nraw_ipip_capture_on: on\nraw_moni_bpf_on: on\nraw_socket_listen: "10.0.0.1:5060"\nlive: {interfaces: eth1, ports: 5060}\n',
    );
    expect(settings.live).toMatchObject([
      { mode: 'ipip', interfaces: ['any'], address: '10.0.0.1', ports: [{ first: 5060, last: 5060 }], kernelFilter: false },
      { mode: 'mirror', interfaces: ['eth1'], ports: [{ first: 5060, last: 5060 }], kernelFilter: true },
    ]);
  });
});

describe('sockets of a script', () => {
  const HEAD = 'modparam("sipcapture", "db_url", "sqlite:/x.db")\n';

  test('udp: is HEP where no hep_* socket exists, with a notice', () => {
    const text = `${HEAD}modparam("sipcapture", "hep_capture_on", 1) modparam("sipcapture", "capture_on", 1)\nsocket=udp:127.0.0.1:9060 use_workers 4\nsocket=tcp:127.0.0.1:5060\n`;
    expect(settingsIn('c.cfg', text).listeners).toEqual([{ transport: 'udp', host: '127.0.0.1', port: 9060 }]);
    expect(load('c.cfg', text).report).toBe(
      [
        'c.cfg:3:1: note: udp:127.0.0.1:9060 is used for HEP: hep_capture_on is 1 and there is no hep_* socket',
        '    socket=udp:127.0.0.1:9060 use_workers 4',
        '    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        '    note: write socket=hep_udp:127.0.0.1:9060',
        "c.cfg:3:1: note: 'use_workers 4' ignored: concerns OpenSIPS itself",
        '    socket=udp:127.0.0.1:9060 use_workers 4',
        '    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        'c.cfg:4:1: note: tcp:127.0.0.1:5060 ignored: only hep_* sockets are opened',
        '    socket=tcp:127.0.0.1:5060',
        '    ^^^^^^^^^^^^^^^^^^^^^^^^^',
        '',
      ].join('\n'),
    );
  });

  test('udp: beside a hep_* socket is not HEP', () => {
    const text = `${HEAD}modparam("sipcapture", "hep_capture_on", 1)\nsocket=udp:127.0.0.1:5060\nsocket=hep_udp:*:9060\n`;
    expect(settingsIn('c.cfg', text).listeners).toEqual([{ transport: 'udp', host: '0.0.0.0', port: 9060 }]);
  });
});

test('limits of listeners: defaults, values, 0 for no time limit', () => {
  const limits = (text: string) => settingsIn('serve.yaml', `socket: hep_tcp:127.0.0.1\ndb_url: sqlite:/x.db\n${text}`).listening.limits;
  expect(limits('')).toEqual({ connections: 4096, peerConnections: 64, headerMs: 10_000 });
  expect(limits('limits: {connections: 10, peer_connections: 2, header_timeout: 1m}\n')).toEqual({
    connections: 10,
    peerConnections: 2,
    headerMs: 60_000,
  });
  expect(limits('limits: {header_timeout: 0}\n')?.headerMs).toBe(Infinity);
});
