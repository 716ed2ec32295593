/** The complete error texts for invalid configurations: position, caret, repair note. */
import { describe, expect, test } from '@jest/globals';
import { lines, load } from './load.js';
import { REST, STORE } from './errors-rig.js';

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
        "serve.yaml:1:9: db_url: unsupported database 'dbtext': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
        '    db_url: text:///var/db',
        '            ^^^^^^^^^^^^^^',
      ),
    ],
    [
      'unixodbc',
      `db_url: unixodbc://u:secret@h/db\n${REST}`,
      lines(
        "serve.yaml:1:9: db_url: unsupported database 'unixodbc': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
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
      'a second document',
      `${STORE}${REST}---\ntable_name: calls\n`,
      lines('serve.yaml:3:1: second document in one file', '    ---', '    ^^^', '    note: remove the ---'),
    ],
    [
      'nesting that no setting has',
      `${STORE}table_name: ${'['.repeat(60)}\n`,
      lines(
        'serve.yaml:2:51: too many values or levels',
        `    table_name: ${'['.repeat(60)}`,
        `    ${' '.repeat(50)}^`,
        '    note: a bracket may be missing',
      ),
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
    ['no name at all', `${STORE}${REST}: 5060\n`, lines('serve.yaml:3:1: invalid setting name: expected a word', '    : 5060', '    ^')],
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
    [
      'tables of Homer 7 under another name',
      `db_url: postgres://h/d\n${REST}table_shape: homer7\ntable_name: mine\n`,
      lines(
        'serve.yaml:4:13: the tables of homer7 have fixed names: leave out the table name',
        '    table_name: mine',
        '                ^^^^',
      ),
    ],
    [
      'tables of Homer 7 with partitions of ours',
      `db_url: postgres://h/d\n${REST}table_shape: homer7\npartition: day\n`,
      lines(
        'serve.yaml:4:12: the tables of homer7 have partitions of their own: leave out the partition option',
        '    partition: day',
        '               ^^^',
      ),
    ],
    [
      'tables of Homer 7 in another database',
      `${STORE}${REST}table_shape: homer7\n`,
      lines(
        "serve.yaml:3:14: the tables of homer7 are PostgreSQL's, but db_url is SQLite",
        '    table_shape: homer7',
        '                 ^^^^^^',
      ),
    ],
  ];

  test.each(ROWS)('%s', (_, yaml, report) => {
    const loaded = load('serve.yaml', yaml);
    expect(loaded.report).toBe(report);
    expect(loaded.settings).toBeNull();
  });
});
