/** Errors in a script, and their positions. */
import { describe, expect, test } from '@jest/globals';
import { lines, load } from './load.js';
import { REST, STORE } from './errors-rig.js';

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
        "c.cfg:1:16: db_url: unsupported database 'dbtext': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
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
