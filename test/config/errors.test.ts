/** Whole texts of what is said about bad configurations: place, caret, repair note. */
import { describe, expect, test } from '@jest/globals';
import { lines, load } from './load.js';

/** So much that nothing else is missing. */
const REST = 'socket: hep_udp:127.0.0.1\n';
const STORE = 'db_url: sqlite:/x.db\n';

describe('YAML', () => {
  const ROWS: [caption: string, yaml: string, report: string][] = [
    [
      'a name that no setting has',
      `${STORE}${REST}captur_on: on\n`,
      lines("serve.yaml:3:1: unknown setting 'captur_on'", '    captur_on: on', '    ^^^^^^^^^', "    note: did you mean 'capture_on'?"),
    ],
    [
      'a name of another level',
      `${STORE}${REST}fifo: /run/x\n`,
      lines("serve.yaml:3:1: unknown setting 'fifo'", '    fifo: /run/x', '    ^^^^', '    note: it belongs under mi'),
    ],
    [
      'a name within a group',
      `${STORE}${REST}live:\n  interface: eth0\n`,
      lines(
        "serve.yaml:4:3: unknown setting 'interface' in live",
        '      interface: eth0',
        '      ^^^^^^^^^',
        "    note: did you mean 'interfaces'?",
      ),
    ],
    [
      'a switch',
      `${STORE}${REST}capture_on: perhaps # or not\n`,
      lines(
        "serve.yaml:3:13: capture_on: invalid value 'perhaps': expected on or off (or 1 or 0)",
        '    capture_on: perhaps # or not',
        '                ^^^^^^^',
      ),
    ],
    [
      'a number below its least',
      `${STORE}${REST}max_async_queries: 0\n`,
      lines(
        'serve.yaml:3:20: max_async_queries: 0 is out of range: expected 1 to 10000',
        '    max_async_queries: 0',
        '                       ^',
      ),
    ],
    [
      'no number',
      `${STORE}${REST}hep_capture_id: 1x\n`,
      lines(
        "serve.yaml:3:17: hep_capture_id: invalid number '1x': expected a whole number",
        '    hep_capture_id: 1x',
        '                    ^^',
      ),
    ],
    [
      'a word of several',
      `${STORE}${REST}date: utk\n`,
      lines("serve.yaml:3:7: date: invalid value 'utk': expected utc or local; did you mean 'utc'?", '    date: utk', '          ^^^'),
    ],
    [
      'no value',
      `${STORE}${REST}raw_interface:\n`,
      lines('serve.yaml:3:1: raw_interface: value missing', '    raw_interface:', '    ^^^^^^^^^^^^^'),
    ],
    [
      'a list for a value',
      `${STORE}${REST}table_name: [a, b]\n`,
      lines('serve.yaml:3:13: table_name: expected a single value, not a list', '    table_name: [a, b]', '                ^^^^^^'),
    ],
    [
      'a value for a group',
      `${STORE}${REST}tls: on\n`,
      lines('serve.yaml:3:6: tls is a group of settings', '    tls: on', '         ^^', '    note: expected certificate, key, client_ca'),
    ],
    [
      'an item of a list',
      `${STORE}socket:\n  - hep_udp:127.0.0.1\n  - hep_sctp:127.0.0.1\n`,
      lines(
        "serve.yaml:4:5: socket[1]: invalid HEP endpoint 'hep_sctp:127.0.0.1': expected hep_udp:host:port, hep_tcp:host:port or hep_tls:host:port, IPv6 in brackets",
        '      - hep_sctp:127.0.0.1',
        '        ^^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'dbtext',
      `db_url: text:///var/db\n${REST}`,
      lines(
        "serve.yaml:1:9: db_url: unsupported database 'dbtext': expected sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
        '    db_url: text:///var/db',
        '            ^^^^^^^^^^^^^^',
      ),
    ],
    [
      'unixodbc',
      `db_url: unixodbc://u:secret@h/db\n${REST}`,
      lines(
        "serve.yaml:1:9: db_url: unsupported database 'unixodbc': expected sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
        '    db_url: unixodbc://u:******@h/db',
        '            ^^^^^^^^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'a column that is none of ours',
      `${STORE}${REST}columns:\n  calid: call_id\n`,
      lines(
        "serve.yaml:4:10: columns.calid: unknown column 'calid': did you mean 'callid'?",
        '      calid: call_id',
        '             ^^^^^^^',
      ),
    ],
    [
      'a table name that makes none',
      `${STORE}${REST}table_name: calls %H\n`,
      lines(
        "serve.yaml:3:13: table_name: invalid table name 'calls 00' (from 'calls %H'): expected letters, digits, _ and $, with at most one dot",
        '    table_name: calls %H',
        '                ^^^^^^^^',
      ),
    ],
    [
      'one name twice',
      `${STORE}${REST}date: utc\ndate: local\n`,
      lines('serve.yaml:4:1: duplicate name', '    date: local', '    ^^^^', '    note: keep one of them'),
    ],
    [
      'two spellings of one setting',
      `${STORE}${REST}promiscious_on: on\npromiscuous_on: on\n`,
      lines(
        'serve.yaml:4:1: promiscuous_on and promiscious_on are the same setting',
        '    promiscuous_on: on',
        '    ^^^^^^^^^^^^^^',
        '    note: keep one of them',
      ),
    ],
    [
      'a tab',
      `${STORE}live:\n\tports: 1\n`,
      lines('serve.yaml:3:1: tab used for indentation', '     ports: 1', '    ^', '    note: use spaces'),
    ],
    [
      'two colons',
      `${STORE}table_name: a: b\n`,
      lines(
        'serve.yaml:2:13: two colons in one line',
        '    table_name: a: b',
        '                ^',
        "    note: quote the value, or put the inner 'name: value' on a line of its own, indented",
      ),
    ],
    [
      'no names',
      '- a\n',
      lines('serve.yaml:1:1: a configuration consists of settings', '    - a', '    ^^^', '    note: write name: value'),
    ],
    [
      'a name that is none',
      `${STORE}${REST}__proto__: {date: x}\n`,
      lines('serve.yaml:3:1: invalid setting name: expected a word', '    __proto__: {date: x}', '    ^^^^^^^^^'),
    ],
    [
      'an alias of nothing',
      `${STORE}${REST}user: *nobody\n`,
      lines(
        'serve.yaml:3:7: alias without an anchor before it',
        '    user: *nobody',
        '          ^^^^^^^',
        'serve.yaml:3:7: user: value missing',
        '    user: *nobody',
        '          ^^^^^^^',
      ),
    ],
    [
      'nothing at all',
      '',
      lines(
        'serve.yaml:1:1: no input configured',
        '    note: set socket (with hep_capture_on), live.interfaces, or raw_moni_capture_on',
        'serve.yaml:1:1: no output configured',
        '    note: set db_url or hep_targets',
      ),
    ],
    [
      'both raw modes',
      `${STORE}raw_ipip_capture_on: on\nraw_moni_capture_on: on\n`,
      lines(
        'serve.yaml:3:22: raw_ipip_capture_on and raw_moni_capture_on cannot be combined',
        '    raw_moni_capture_on: on',
        '                         ^^',
        '    note: switch one of them off',
      ),
    ],
    [
      'TLS without a certificate',
      `${STORE}socket: [hep_udp:127.0.0.1, hep_tls:127.0.0.1]\n`,
      lines(
        'serve.yaml:2:29: hep_tls needs tls.certificate and tls.key',
        '    socket: [hep_udp:127.0.0.1, hep_tls:127.0.0.1]',
        '                                ^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'one port twice',
      `${STORE}hep_port: 7\nsocket: [tcp:127.0.0.1, hep_tcp:127.0.0.1:7]\n`,
      lines(
        'serve.yaml:3:25: TCP port 7 is already used by another listener',
        '    socket: [tcp:127.0.0.1, hep_tcp:127.0.0.1:7]',
        '                            ^^^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'HEP without a listener',
      `${STORE}hep_capture_on: on\n`,
      lines(
        'serve.yaml:2:17: hep_capture_on is on, but there is no socket for HEP',
        '    hep_capture_on: on',
        '                    ^^',
        '    note: write socket: hep_udp:0.0.0.0:9060',
      ),
    ],
    [
      'one table for both',
      `${STORE}${REST}rtcp_table_name: sip_capture\n`,
      lines(
        'serve.yaml:3:18: SIP and reports cannot share the table sip_capture: their columns differ',
        '    rtcp_table_name: sip_capture',
        '                     ^^^^^^^^^^^',
      ),
    ],
    [
      'a database without a place',
      `${REST}databases:\n  - table_name: x\n`,
      lines('serve.yaml:3:5: db_url missing', '      - table_name: x', '        ^^^^^^^^^^^^^'),
    ],
    [
      'a target that is no hep_id',
      `${REST}hep_id: "[archive] 127.0.0.1"\nhep_targets: archiv\n`,
      lines(
        "serve.yaml:3:14: unknown hep_id 'archiv'",
        '    hep_targets: archiv',
        '                 ^^^^^^',
        "    note: did you mean 'archive'?",
      ),
    ],
    [
      'a hep_id with an unknown word',
      `${STORE}${REST}hep_id: "[a] h; tranport=tcp"\n`,
      lines(
        "serve.yaml:3:9: hep_id: unknown hep_id parameter 'tranport=tcp': expected [name] host:port; transport=udp|tcp|tls; version=1|2|3",
        '    hep_id: "[a] h; tranport=tcp"',
        '            ^^^^^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'a route that is not there',
      `${STORE}${REST}hep_route: captrue\nroute: |\n  route[capture] {\n    exit;\n  }\n`,
      lines(
        'serve.yaml:3:12: unknown route[captrue]',
        '    hep_route: captrue',
        '               ^^^^^^^',
        "    note: did you mean 'capture'?",
      ),
    ],
    [
      'a script that stores nowhere',
      `${REST}route: |\n  route {\n    sip_capture();\n  }\n`,
      lines('serve.yaml:4:5: sip_capture() needs a database, but db_url is not set', '        sip_capture();', '        ^^^^^^^^^^^'),
    ],
    [
      'a mistake in a route block',
      `${STORE}${REST}route: |\n  route {\n    sip_capture()\n  }\n`,
      lines("serve.yaml:5:18: missing ';'", '        sip_capture()', '                     ^', "    note: every statement ends with ';'"),
    ],
    [
      'a route file that is not there',
      `${STORE}${REST}route_file: nowhere.route\n`,
      lines('serve.yaml:3:13: cannot read route_file: ENOENT', '    route_file: nowhere.route', '                ^^^^^^^^^^^^^'),
    ],
    [
      'management for everybody',
      `${STORE}${REST}mi: {http: "0.0.0.0:8888"}\n`,
      lines(
        'serve.yaml:3:12: mi.http is reachable from other machines: it needs mi.token',
        '    mi: {http: "0.0.0.0:8888"}',
        '               ^^^^^^^^^^^^^^',
        '    note: set a token, or listen on 127.0.0.1',
      ),
    ],
  ];

  test.each(ROWS)('%s', (_, yaml, report) => {
    const loaded = load('serve.yaml', yaml);
    expect(loaded.report).toBe(report);
    expect(loaded.settings).toBeNull();
  });

  test('all at once, and none of them for what follows from another', () => {
    const { report, errors } = load(
      'serve.yaml',
      'db_url: mysql://h\nsockets: hep_udp:127.0.0.1\ncapture_on: 7\ntls: {certificat: x}\n',
      { SIPCAP_DATE: 'now' },
      [{ name: '--set hep_port', path: 'hep_port', value: '-1' }],
    );
    expect(report.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      "serve.yaml:1:9: db_url: database URL 'mysql://h' names no database: expected sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
      "serve.yaml:2:1: unknown setting 'sockets'",
      "serve.yaml:3:13: capture_on: invalid value '7': expected on or off (or 1 or 0)",
      "serve.yaml:4:7: unknown setting 'certificat' in tls",
      "SIPCAP_DATE:1:1: date: invalid value 'now': expected utc or local",
      '--set hep_port:1:1: hep_port: -1 is out of range: expected 0 to 65535',
    ]);
    expect(errors).toBe(6);
  });

  test('much from little is refused', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${new Array(10).fill(`*${'abcdefgh'[i]}`).join(', ')}]`),
    ].join('\n');
    expect(load('serve.yaml', bomb).report).toContain('too many values or levels');
  });
});

describe('scripts', () => {
  const HEAD = 'modparam("sipcapture", "db_url", "sqlite:/x.db")\nmodparam("sipcapture", "hep_capture_on", 1)\nsocket=hep_udp:127.0.0.1\n';
  const ROWS: [caption: string, cfg: string, report: string][] = [
    [
      'an unknown parameter',
      `${HEAD}modparam("sipcapture", "captur_on", 1)\n`,
      lines(
        "c.cfg:4:24: unknown parameter 'captur_on' of sipcapture",
        '    modparam("sipcapture", "captur_on", 1)',
        '                           ^^^^^^^^^^^',
        "    note: did you mean 'capture_on'?",
      ),
    ],
    [
      'a value out of range',
      `${HEAD}modparam("proto_hep", "hep_port", 70000)\n`,
      lines(
        'c.cfg:4:35: hep_port: 70000 is out of range: expected 0 to 65535',
        '    modparam("proto_hep", "hep_port", 70000)',
        '                                      ^^^^^',
      ),
    ],
    [
      'an unknown setting of ours',
      `${HEAD}modparam("sipcap", "spool.dir", "/x")\n`,
      lines(
        "c.cfg:4:20: unknown setting 'spool.dir'",
        '    modparam("sipcap", "spool.dir", ****)',
        '                       ^^^^^^^^^^^',
        "    note: did you mean 'spool.directory'?",
      ),
    ],
    [
      'both raw modes',
      `${HEAD}modparam("sipcapture", "raw_ipip_capture_on", 1)\nmodparam("sipcapture", "raw_moni_capture_on", 1)\nmodparam("sipcapture", "raw_socket_listen", "10.0.0.1:5060")\n`,
      lines(
        'c.cfg:5:47: raw_ipip_capture_on and raw_moni_capture_on cannot be combined',
        '    modparam("sipcapture", "raw_moni_capture_on", 1)',
        '                                                  ^',
        '    note: switch one of them off',
      ),
    ],
    [
      'mirroring without ports',
      `${HEAD}modparam("sipcapture", "raw_moni_capture_on", 1)\n`,
      lines(
        'c.cfg:4:47: raw_moni_capture_on needs ports',
        '    modparam("sipcapture", "raw_moni_capture_on", 1)',
        '                                                  ^',
        '    note: write modparam("sipcapture", "raw_socket_listen", "0.0.0.0:5060")',
      ),
    ],
    [
      'dbtext by its default',
      'db_default_url="text:///usr/local/etc/dbtext"\nmodparam("sipcapture", "hep_capture_on", 1)\nsocket=hep_udp:127.0.0.1\n',
      lines(
        "c.cfg:1:16: db_url: unsupported database 'dbtext': expected sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
        '    db_default_url="text:///usr/local/etc/dbtext"',
        '                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
      ),
    ],
    [
      'one parameter twice',
      `${HEAD}modparam("sipcapture", "hep_capture_on", 0)\nmodparam("sipcapture", "raw_ipip_capture_on", "x")\n`,
      lines(
        "c.cfg:5:47: raw_ipip_capture_on: invalid value 'x': expected on or off (or 1 or 0)",
        '    modparam("sipcapture", "raw_ipip_capture_on", "x")',
        '                                                  ^^^',
        'c.cfg:3:8: warning: socket has no effect: hep_capture_on is off',
        '    socket=hep_udp:127.0.0.1',
        '           ^^^^^^^^^^^^^^^^^',
        'c.cfg:4:24: warning: hep_capture_on is already set in line 2; this value is used',
        '    modparam("sipcapture", "hep_capture_on", 0)',
        '                           ^^^^^^^^^^^^^^^^',
      ),
    ],
  ];

  test.each(ROWS)('%s', (_, cfg, report) => {
    const loaded = load('c.cfg', cfg);
    expect(loaded.report).toBe(report);
    expect(loaded.settings).toBeNull();
  });
});

test.each(['udp:0.0.0.0:8080', 'udp:192.0.2.1:8080', 'udp:[::]:8080'])('mi.datagram %s: beyond loopback it is refused', (socket) => {
  const { settings, report } = load('serve.yaml', `${STORE}${REST}mi: {datagram: "${socket}"}\n`);
  expect([settings, report.includes('mi.datagram must be on loopback: datagrams carry no token')]).toEqual([null, true]);
});
