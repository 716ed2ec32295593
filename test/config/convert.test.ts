/** `config convert`: scripts of OpenSIPS and of Kamailio to YAML. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { silentLog, systemClock } from '../../src/lib/base/index.js';
import { convertFile, loadSettings, shownSettings } from '../../src/lib/config/index.js';
import { configCheck } from '../../src/lib/service/config/check.js';
import { configConvert } from '../../src/lib/service/config/convert.js';
import { routeCheck } from '../../src/lib/service/route/check.js';
import { temporaryFolder } from '../rigs/sipcap.js';
import { settingsIn } from './load.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

function written(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

function surroundings() {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const text = (stream: PassThrough) => String(stream.read() ?? '').replaceAll(folder.path, '/x');
  return {
    env: { stdin, stdout, stderr, clock: systemClock, log: silentLog, colour: false },
    out: () => text(stdout),
    err: () => text(stderr),
  };
}

describe('OpenSIPS', () => {
  const SCRIPT = `# a capture node
log_level=3
max_while_loops = 20
script_version=3.2
socket=hep_udp:127.0.0.1:9060
socket=udp:127.0.0.1:5060 as 203.0.113.1
alias=example.org
loadmodule "tm.so"
modparam("sipcapture", "db_url", "mysql://u:5%@h/d")
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "max_async_queries", 50)
modparam("sipcapture", "capture_node", "007")
modparam("sipcapture", "callid_column", "call_id")
modparam("proto_hep", "hep_id", "[a] 127.0.0.1:9063")
modparam("sipcap", "spool.directory", "spool")

# Requests.
# Two lines.
route {
\tif (is_myself("$rd")) exit;
\txlog("two
lines");
\tsip_capture();
}

onreply_route { sip_capture(); }
`;

  test('settings, routes, and what was left out', () => {
    const { yaml, report, errors } = convertFile(written('opensips.cfg', SCRIPT));
    expect([report, errors]).toEqual(['', 0]);
    expect(yaml.replaceAll(folder.path, '/x')).toBe(`# Converted from /x/opensips.cfg by sipcap config convert.
db_url: mysql://u:5%25@h/d
capture_on: off
hep_capture_on: on
max_async_queries: 50
capture_node: "007"
socket:
  - hep_udp:127.0.0.1:9060
hep_id:
  - "[a] 127.0.0.1:9063"
columns:
  callid: call_id
spool:
  directory: /x/spool
script_version: "3"

route: |
  max_while_loops = 20
  alias = hep_udp:127.0.0.1:9060
  alias = udp:127.0.0.1:5060 as 203.0.113.1
  alias = example.org
  # Requests.
  # Two lines.
  route {
  \tif (is_myself("$rd")) exit;
  \txlog("two
  lines");
  \tsip_capture();
  }

  onreply_route { sip_capture(); }

# Left out or changed:
# /x/opensips.cfg:2: log_level ignored: concerns OpenSIPS itself
# /x/opensips.cfg:6: udp:127.0.0.1:5060 ignored: only hep_* sockets are opened
# /x/opensips.cfg:8: module tm ignored: not needed for capturing
# /x/opensips.cfg:9: % in user and password is taken literally, as in OpenSIPS
# /x/opensips.cfg:1: capture_on is off: no SIP is stored until it is switched on (sipcap mi sip_capture on)
`);
  });

  test('strings of several lines stay what they are', () => {
    const { yaml } = convertFile(written('lines.cfg', SCRIPT));
    const script = settingsIn('/etc/serve.yaml', yaml).script!;
    expect(script.source.text).toContain('\txlog("two\nlines");');
  });

  test.each([join(import.meta.dirname, '../../samples/opensips.cfg')])('%s comes to the same settings', (file) => {
    const { yaml } = convertFile(file);
    const path = written('sample.yaml', yaml);
    const shown = (name: string) => {
      const { values, draft } = loadSettings({ file: name, environment: {}, flags: [] });
      return shownSettings(values!, draft)
        .filter((one) => one.path !== 'route')
        .map(({ path: of, value }) => [of, value]);
    };
    expect(shown(path)).toEqual(shown(file));
    expect(readFileSync(path, 'utf8')).toContain(resolve(file, '../sipcap.db'));
  });

  test('a script with errors is not converted', async () => {
    const { env, out, err } = surroundings();
    expect(await configConvert({ file: written('bad.cfg', 'modparam("sipcapture", "capture_on", "x")\n') }, env)).toBe(2);
    expect([out(), err().split('\n')[0]]).toEqual(['', "/x/bad.cfg:1:38: capture_on: invalid value 'x': expected on or off (or 1 or 0)"]);
  });

  test('YAML needs no conversion', () => {
    expect(() => convertFile('serve.yaml')).toThrow('serve.yaml is YAML already');
  });
});

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

describe('Kamailio', () => {
  test('settings, sockets, targets, and what was left out', () => {
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

  test('sockets in braces are left out, and named', () => {
    const text =
      '#!KAMAILIO\nsocket = {\n  bind = udp:127.0.0.1:9060;\n}\nmodparam("sipcapture", "db_url", "sqlite:///x.db")\nmodparam("sipcapture", "hep_capture_on", 1)\n';
    const { yaml, errors } = convertFile(written('braces.cfg', text));
    expect(yaml).toContain('# socket = { ... }: write socket: hep_udp:ADDRESS:PORT\n');
    expect(errors).toBe(1);
  });

  test('definitions from a file beside it', () => {
    mkdirSync(join(folder.path, 'k'), { recursive: true });
    written('k/local.cfg', '#!substdef "/ADDRESS/127.0.0.5/"\n');
    const file = written(
      'k/kamailio.cfg',
      '#!KAMAILIO\nimport_file "local.cfg"\nlisten=udp:ADDRESS:9060\nmodparam("sipcapture", "hep_capture_on", 1)\nmodparam("sipcapture", "db_url", "sqlite:///x.db")\n',
    );
    expect(convertFile(file).yaml).toContain('socket:\n  - hep_udp:127.0.0.5:9060\n');
  });

  const FIRST = (name: string) => `/x/${name}:1:1: this is a Kamailio script: convert its settings with 'sipcap config convert /x/${name}'`;

  test('the other commands say so in their first line', async () => {
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
    '%j is not',
    (text) => {
      expect(() => settingsIn('/etc/k.cfg', text)).not.toThrow('Kamailio');
    },
  );
});

test('bytes that are not text are one error', async () => {
  for (const name of ['binary.cfg', 'binary.yaml']) {
    const file = join(folder.path, name);
    writeFileSync(file, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 0x0a, 0x80, 0x81]));
    for (const work of [
      (env: never) => configCheck({ file, environment: {}, set: [], json: false }, env),
      (env: never) => routeCheck({ file, hepRoute: '', scriptVersion: '', environment: {} }, env),
    ]) {
      const { env, err } = surroundings();
      expect(await work(env as never)).toBe(2);
      expect(err()).toBe(`/x/${name}:1:1: not a text file\n1 error in /x/${name}\n`);
    }
  }
  await expect(configConvert({ file: join(folder.path, 'binary.cfg') }, surroundings().env)).resolves.toBe(2);
});

describe('hostile scripts of Kamailio', () => {
  test('definitions that grow, and many of them', () => {
    const grow = ['A', 'B', 'C'].map((name, i) => `#!substdef "!${name}!${'BCD'[i].repeat(1000)}!g"\n`).join('');
    const many = Array.from({ length: 2000 }, (_, i) => `#!substdef "!X${i}!Y!g"\n`).join('');
    for (const text of [`${grow}${'A'.repeat(50)}\n`, `${many}${'X1\n'.repeat(500)}`, '/*'.repeat(20_000), 'route{'.repeat(20_000)])
      expect(() => convertFile(written('hostile.cfg', `#!KAMAILIO\n${text}`))).not.toThrow();
  });

  test('pieces of a script in any order', () => {
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
