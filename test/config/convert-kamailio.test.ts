/** Configurations of Kamailio as YAML. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { convertFile } from '../../src/lib/config/index.js';
import { configCheck } from '../../src/lib/service/config/check.js';
import { configConvert } from '../../src/lib/service/config/convert.js';
import { routeCheck } from '../../src/lib/service/route/check.js';
import { temporaryFolder } from '../rigs/sipcap.js';
import { convertRig } from './convert-rig.js';
import { settingsIn } from './load.js';

const folder = temporaryFolder();
const { written, surroundings } = convertRig(folder.path);

const KAMAILIO = `#!KAMAILIO
#!define WITH_HEP
#!define DBURL "mysql://homer:p%40@db.example.net/homer"
#!substdef "!LISTEN_IP!127.0.0.1!g"
#!ifdef WITH_TLS
listen=tls:10.0.0.9:5061
#!else
listen=udp:LISTEN_IP:9060
#!endif
listen=tcp:eth0:9060
debug=2   # don't
log_stderror=no
/* { a comment */
loadmodule "pv.so"
loadmodule "db_mysql.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", DBURL)
modparam("sipcapture", "capture_on", 1)
#!ifdef WITH_HEP
modparam("sipcapture", "hep_capture_on", 1)
#!endif
modparam("sipcapture", "table_name", "sip_capture_%Y%m%d")
modparam("sipcapture", "capture_node", "node-k")
modparam("sipcapture", "raw_sock_children", 4)
modparam("sipcapture", "callid_column", "call_id")
modparam("sipcapture", "insert_retries", 5)
modparam("siptrace", "duplicate_uri", "sip:127.0.0.1:9060;transport=tcp")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "trace_on", 1)

request_route {
	if ($rm == "OPTIONS") { sip_capture("a { b"); }
	listen=udp:127.0.0.9:1;
}

onreply_route[X] { drop; }
event_route[sipcapture:request] { sip_capture(); }
`;

afterAll(() => folder.remove());

describe('Kamailio', () => {
  test('settings, sockets, targets, and what was omitted', () => {
    const { yaml, report, errors } = convertFile(written('kamailio.cfg', KAMAILIO));
    expect([report, errors]).toEqual(['', 0]);
    expect(yaml.replaceAll(folder.path, '/x')).toBe(`# Converted from /x/kamailio.cfg by sipcap config convert.
db_url: mysql://homer:p%2540@db.example.net/homer
table_name: sip_capture_%Y%m%d
capture_on: on
hep_capture_on: on
raw_sock_children: 4
capture_node: node-k
socket:
  - hep_udp:127.0.0.1:9060
columns:
  callid: call_id
hep_targets:
  - hep_tcp:127.0.0.1:9060
target:
  version: 3

# Left out or changed:
# line 26: insert_retries of sipcapture: rows wait until the database takes them
# line 30: trace_on of siptrace: set live.interfaces to capture what this node sends and receives
# line 10: listen tcp:eth0:9060: write socket: hep_udp:ADDRESS:PORT
# modules: pv
# parameters of Kamailio itself: debug, log_stderror
# routes, whose language does not run here: request_route, onreply_route[X], event_route[sipcapture:request]
# without routes every SIP message is stored; to choose, write route: | in the route language of OpenSIPS
`);
    expect(settingsIn('/etc/serve.yaml', yaml)).toMatchObject({
      captureOn: true,
      listeners: [{ transport: 'udp', host: '127.0.0.1', port: 9060 }],
      targets: [{ endpoint: { transport: 'tcp', host: '127.0.0.1', port: 9060 } }],
      databases: [{ captureNode: 'node-k', table: 'sip_capture_%Y%m%d', renames: { callid: 'call_id' } }],
    });
  });

  test('what is missing is reported with the YAML', async () => {
    const { env, out, err } = surroundings();
    const file = written(
      'agent.cfg',
      '#!KAMAILIO\nmodparam("siptrace", "duplicate_uri", "sip:127.0.0.1:9060")\nmodparam("siptrace", "hep_mode_on", 1)\n',
    );
    expect(await configConvert({ file }, env)).toBe(2);
    expect(out()).toContain('hep_targets:\n  - hep_udp:127.0.0.1:9060\n');
    expect(err()).toMatch(/no input configured\n[^]*1 error in what was printed: complete it before use\n$/);
  });

  test('sockets in braces are omitted and reported', () => {
    const text =
      '#!KAMAILIO\nsocket = {\n  bind = udp:127.0.0.1:9060;\n}\nmodparam("sipcapture", "db_url", "sqlite:///x.db")\nmodparam("sipcapture", "hep_capture_on", 1)\n';
    const { yaml, errors } = convertFile(written('braces.cfg', text));
    expect(yaml).toContain('# socket = { ... }: write socket: hep_udp:ADDRESS:PORT\n');
    expect(errors).toBe(1);
  });

  test('definitions from an included file', () => {
    mkdirSync(join(folder.path, 'k'), { recursive: true });
    written('k/local.cfg', '#!substdef "/ADDRESS/127.0.0.5/"\n');
    const file = written(
      'k/kamailio.cfg',
      '#!KAMAILIO\nimport_file "local.cfg"\nlisten=udp:ADDRESS:9060\nmodparam("sipcapture", "hep_capture_on", 1)\nmodparam("sipcapture", "db_url", "sqlite:///x.db")\n',
    );
    expect(convertFile(file).yaml).toContain('socket:\n  - hep_udp:127.0.0.5:9060\n');
  });

  const FIRST = (name: string) => `/x/${name}:1:1: this is a Kamailio script: convert its settings with: sipcap config convert /x/${name}`;

  test('other commands report it in their first line', async () => {
    const file = written('k.cfg', KAMAILIO);
    const answers: string[] = [];
    for (const work of [
      (env: never) => configCheck({ file, environment: {}, set: [], json: false }, env),
      (env: never) => routeCheck({ file, hepRoute: '', scriptVersion: '', environment: {} }, env),
    ]) {
      const { env, out, err } = surroundings();
      expect(await work(env as never)).toBe(2);
      expect(out()).toBe('');
      answers.push(err().split('\n')[0].replaceAll(folder.path, '/x'));
    }
    expect(answers).toEqual([FIRST('k.cfg'), FIRST('k.cfg')]);
  });

  test.each([
    ['request_route {\n exit; }\n'],
    ['loadmodule "kex.so"\nroute { exit; }\n'],
    ['#!define X\nroute { exit; }\n'],
    ['loadmodule("pv")\n'],
  ])('%j is Kamailio', (text) => {
    expect(() => settingsIn('/etc/k.cfg', text)).toThrow('this is a Kamailio script');
  });

  test.each([['#!/usr/sbin/opensips\n'], ['# request_route { }\n'], ['loadmodule "tm.so"\nloadmodule "xlog.so"\n']])(
    '%j is not Kamailio',
    (text) => {
      expect(() => settingsIn('/etc/k.cfg', text)).not.toThrow('Kamailio');
    },
  );
});

describe('hostile scripts of Kamailio', () => {
  test('exponentially growing definitions, and many of them', () => {
    const grow = ['A', 'B', 'C'].map((name, i) => `#!substdef "!${name}!${'BCD'[i].repeat(1000)}!g"\n`).join('');
    const many = Array.from({ length: 2000 }, (_, i) => `#!substdef "!X${i}!Y!g"\n`).join('');
    for (const text of [`${grow}${'A'.repeat(50)}\n`, `${many}${'X1\n'.repeat(500)}`, '/*'.repeat(20_000), 'route{'.repeat(20_000)])
      expect(() => convertFile(written('hostile.cfg', `#!KAMAILIO\n${text}`))).not.toThrow();
  });

  test('fragments of a script in any order', () => {
    const pieces = KAMAILIO.split(/(?<=\n)|(?<=["'(){};])/);
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 150; round++) {
      const text = Array.from({ length: 40 }, () => pieces[random(pieces.length)]).join('');
      const { yaml, report, errors } = convertFile(written('pieces.cfg', `#!KAMAILIO\n${text}`));
      expect(errors > 0).toBe(report !== '');
      expect(yaml === '').toBe(errors > 0 && !report.includes('.cfg.yaml'));
    }
  });
});

test.each([['socket: x\n'], ['\ufeff# a node\n---\n  "socket": x\n'], ["'hep_route': sip\n"], ['%YAML 1.2\n---\r\nhomer5_on: 1\n']])(
  '%j under the name of a script is YAML',
  (text) => {
    expect(() => settingsIn('/etc/k.cfg', text)).toThrow(/this is YAML.*\n.*\n.*\n.*rename it to \/etc\/k.yaml/);
  },
);

test('many lines before the first setting are no problem', () => {
  expect(() => settingsIn('/etc/k.cfg', `${'# none\n'.repeat(1_000_000)}socket: x\n`)).toThrow('this is YAML');
});

test.each([['log_level=3\n'], ['route {\n exit;\n}\n'], ['route[a] { exit; }\nroute { route(a); }\n']])('%j is no YAML', (text) => {
  expect(() => settingsIn('/etc/k.cfg', text)).not.toThrow('YAML');
});
