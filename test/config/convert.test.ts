/** `config convert`: scripts of OpenSIPS and of Kamailio to YAML. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { convertFile, loadSettings, shownSettings } from '../../src/lib/config/index.js';
import { configCheck } from '../../src/lib/service/config/check.js';
import { configConvert } from '../../src/lib/service/config/convert.js';
import { routeCheck } from '../../src/lib/service/route/check.js';
import { temporaryFolder } from '../rigs/sipcap.js';
import { convertRig } from './convert-rig.js';
import { settingsIn } from './load.js';

const folder = temporaryFolder();
const { written, surroundings } = convertRig(folder.path);

afterAll(() => folder.remove());

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

  test('settings, routes, and what was omitted', () => {
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

  test('multi-line strings stay unchanged', () => {
    const { yaml } = convertFile(written('lines.cfg', SCRIPT));
    const script = settingsIn('/etc/serve.yaml', yaml).script!;
    expect(script.source.text).toContain('\txlog("two\nlines");');
  });

  test.each([join(import.meta.dirname, '../../samples/opensips.cfg')])('%s gives the same settings', (file) => {
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

test('bytes that are not valid text are one error', async () => {
  for (const name of ['binary.cfg', 'binary.yaml']) {
    const file = join(folder.path, name);
    writeFileSync(file, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 0x0a, 0x80, 0x81]));
    for (const work of [
      (env: never) => configCheck({ file, environment: {}, set: [], json: false }, env),
      (env: never) => routeCheck({ file, hepRoute: '', scriptVersion: '', environment: {} }, env),
    ]) {
      const { env, err } = surroundings();
      expect(await work(env as never)).toBe(2);
      expect(err()).toBe(`/x/${name}:1:1: not a text file but a program: expected YAML or a script (.cfg)\n1 error in /x/${name}\n`);
    }
  }
  await expect(configConvert({ file: join(folder.path, 'binary.cfg') }, surroundings().env)).resolves.toBe(2);
});
