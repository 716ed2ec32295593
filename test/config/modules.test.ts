/** The effect of parameters of other OpenSIPS modules: management, metrics, certificates; and passwords as OpenSIPS takes them. */
import { describe, expect, test } from '@jest/globals';
import { originOf } from '../../src/lib/config/index.js';
import { load, settingsIn } from './load.js';

const NODE = `socket=hep_udp:127.0.0.1:9060
modparam("sipcapture", "db_url", "sqlite:/x.db")
modparam("sipcapture", "hep_capture_on", 1) modparam("sipcapture", "capture_on", 1)
`;
const FILE = '/etc/opensips/opensips.cfg';
const notes = (text: string, environment = {}) =>
  load(FILE, NODE + text, environment).problems.map(({ text: one }) => one.replace(`${FILE}:`, ''));

describe('management and metrics', () => {
  test('mi_fifo and mi_datagram', () => {
    const text = 'modparam("mi_fifo", "fifo_name", "/run/f")\nmodparam("mi_datagram", "socket_name", "udp:127.0.0.1:8080")\n';
    expect(settingsIn(FILE, NODE + text).mi).toMatchObject({ fifo: '/run/f', datagram: 'udp:127.0.0.1:8080' });
    expect(settingsIn(FILE, `${NODE}modparam("mi_datagram", "socket_name", "/run/d.sock")\n`).mi.datagram).toBe('/run/d.sock');
  });

  test('datagrams carry no token: a socket beyond loopback is not opened', () => {
    const text = 'modparam("mi_datagram", "socket_name", "udp:10.0.0.1:8080")\n';
    expect(settingsIn(FILE, NODE + text).mi.datagram).toBe('');
    expect(notes(text)).toEqual(['4: mi_datagram not opened: other machines reach udp:10.0.0.1:8080, and datagrams carry no token']);
  });

  test('httpd serves mi_http and prometheus', () => {
    const text =
      'loadmodule "httpd.so"\nmodparam("httpd", "ip", "127.0.0.1")\nmodparam("httpd", "port", 9999)\nloadmodule "mi_http.so"\nloadmodule "prometheus.so"\n';
    expect(settingsIn(FILE, NODE + text)).toMatchObject({
      mi: { http: { host: '127.0.0.1', port: 9999 } },
      metrics: { host: '127.0.0.1', port: 9999 },
    });
    expect(notes(text)).toEqual([]);
    expect(originOf('mi.http', load(FILE, NODE + text).draft)).toBe(`${FILE}:6:27`);
  });

  test('paths are fixed, other parameters have no effect', () => {
    const text =
      'loadmodule "httpd.so"\nmodparam("httpd", "ip", "127.0.0.1")\nmodparam("httpd", "buf_size", 99)\nloadmodule "mi_http.so"\nmodparam("mi_http", "root", "control")\n';
    expect(notes(text)).toEqual([
      '6: buf_size of httpd ignored: not used for capturing',
      '8: root of mi_http ignored: the path is always /mi',
    ]);
  });

  test('mi_http beyond loopback needs a token; metrics need none', () => {
    const text = 'loadmodule "httpd.so"\nloadmodule "mi_http.so"\nloadmodule "prometheus.so"\n';
    expect(settingsIn(FILE, NODE + text)).toMatchObject({ mi: { http: null }, metrics: { host: '0.0.0.0', port: 8888 } });
    expect(notes(text)).toEqual(['5: mi_http not opened: other machines reach 0.0.0.0:8888, and mi.token is not set']);
    expect(settingsIn(FILE, NODE + text, { SIPCAP_MI_TOKEN: 't' }).mi).toMatchObject({ http: { host: '0.0.0.0', port: 8888 }, token: 't' });
  });

  test('sipcap settings take precedence', () => {
    const text = 'loadmodule "httpd.so"\nloadmodule "mi_http.so"\nmodparam("sipcap", "mi.http", "127.0.0.1:1")\n';
    expect(settingsIn(FILE, NODE + text).mi.http).toEqual({ host: '127.0.0.1', port: 1 });
  });

  test('without httpd there is no listener', () => {
    expect(settingsIn(FILE, `${NODE}modparam("httpd", "port", 9)\n`)).toMatchObject({ mi: { http: null }, metrics: null });
    expect(notes('modparam("httpd", "port", 9)\n')).toEqual(['4: port of httpd ignored: not used for capturing']);
  });
});

describe('certificates', () => {
  const SOCKET = 'socket=hep_tls:127.0.0.1:9061\n';
  const DOMAIN =
    'modparam("tls_mgm", "server_domain", "hep")\nmodparam("tls_mgm", "certificate", "[hep]/c.pem")\nmodparam("tls_mgm", "private_key", "[hep]/k.pem")\nmodparam("tls_mgm", "ca_list", "[hep]/ca.pem")\n';

  test('from the server domain', () => {
    expect(settingsIn(FILE, NODE + SOCKET + DOMAIN).listening).toMatchObject({
      tlsCertificate: '/c.pem',
      tlsKey: '/k.pem',
      tlsClientCa: '/ca.pem',
    });
    expect(notes(SOCKET + DOMAIN)).toEqual([]);
  });

  test('clients need no certificate where require_cert is 0', () => {
    const text = `${SOCKET}${DOMAIN}modparam("tls_mgm", "require_cert", "[hep]0")\n`;
    expect(settingsIn(FILE, NODE + text).listening.tlsClientCa).toBe('');
    expect(notes(text)).toEqual(['8: ca_list of tls_mgm ignored: another domain is used, or certificates are not checked']);
  });

  test('in 2.x syntax, without a domain, relative to the file', () => {
    const text = `${SOCKET}modparam("proto_tls", "certificate", "c.pem")\nmodparam("proto_tls", "private_key", "k.pem")\n`;
    expect(settingsIn(FILE, NODE + text).listening).toMatchObject({ tlsCertificate: '/etc/opensips/c.pem', tlsKey: '/etc/opensips/k.pem' });
  });

  test('from the client domain, for targets', () => {
    const text =
      'modparam("proto_hep", "hep_id", "[h] 127.0.0.1:9061; transport=tls")\nmodparam("tls_mgm", "client_domain", "out")\nmodparam("tls_mgm", "certificate", "[out]/cc.pem")\nmodparam("tls_mgm", "private_key", "[out]/ck.pem")\nmodparam("tls_mgm", "ca_list", "[out]/cca.pem")\n';
    expect(settingsIn(FILE, NODE + text).relay).toMatchObject({ tlsCertificate: '/cc.pem', tlsKey: '/ck.pem', tlsCa: '/cca.pem' });
  });

  test('without hep_tls they are not used', () => {
    expect(settingsIn(FILE, NODE + DOMAIN).listening.tlsCertificate).toBe('');
    expect(notes(DOMAIN)[1]).toBe('5: certificate of tls_mgm ignored: no hep_tls socket or target');
  });
});

describe('database URLs', () => {
  const cfg = (url: string) => NODE.replace('sqlite:/x.db', url);
  test.each([
    ['mysql://u:p%40ss@h/d', 'mysql://u:p%2540ss@h/d'],
    ['postgres://u:50%@h/d', 'postgres://u:50%25@h/d'],
    ['mysql://u:p@ss#w/rd@h/d', 'mysql://u:p@ss#w/rd@h/d'],
    ['sqlite:///a%20b.db', 'sqlite:///a%20b.db'],
  ])('%s is taken as OpenSIPS takes it', (url, expected) => {
    expect(settingsIn(FILE, cfg(url)).databases[0].db).toBe(expected);
    expect(
      settingsIn(FILE, `socket=hep_udp:127.0.0.1\ndb_default_url="${url}"\nmodparam("sipcapture", "hep_capture_on", 1)\n`).databases[0].db,
    ).toBe(expected);
  });

  test('in YAML % stays an escape', () => {
    expect(settingsIn('s.yaml', 'db_url: mysql://u:p%40ss@h/d\nsocket: udp:127.0.0.1\n').databases[0].db).toBe('mysql://u:p%40ss@h/d');
  });
});

describe('origins', () => {
  test('of columns, of defaults and of what a socket line sets', () => {
    const { draft } = load(FILE, `${NODE}modparam("sipcapture", "callid_column", "call_id")\n`);
    expect(['columns', 'socket', 'capture_node', 'hep_capture_on'].map((path) => originOf(path, draft))).toEqual([
      `${FILE}:4:41`,
      `${FILE}:1:8`,
      'default',
      `${FILE}:3:42`,
    ]);
  });
});

test('limits of scripts and unknown_functions', () => {
  const text = `${NODE}modparam("sipcap", "unknown_functions", "skip")\nmodparam("sipcap", "script.max_text", 2000)\nmodparam("sipcap", "script.max_statements", 200)\n`;
  expect(settingsIn(FILE, text)).toMatchObject({ unknownFunctions: 'skip', scriptLimits: { maxWork: 200, maxText: 2000 } });
  expect(settingsIn(FILE, NODE)).toMatchObject({ unknownFunctions: 'error', scriptLimits: { maxWork: 100_000, maxText: 65_536 } });
});
