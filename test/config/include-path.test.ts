/** Files that routes include: beside the configuration, and in the folders of script.include_path. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadSettings, shownSettings } from '../../src/lib/config/index.js';
import { checkRoutes } from '../../src/lib/script/check-routes.js';
import { readRouteFile } from '../../src/lib/script/script-file.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());
mkdirSync(at('etc'));
mkdirSync(at('routes'));
writeFileSync(at('routes/one.cfg'), 'route[one] {\n  sip_captur();\n}\n');
writeFileSync(at('etc/beside.cfg'), 'route[one] {\n  sip_capture();\n}\n');

const NODE = 'modparam("sipcapture", "db_url", "sqlite:x.db")\nsocket=hep_udp:127.0.0.1\nmodparam("sipcapture", "hep_capture_on", 1)\n';
const YAML = 'db_url: sqlite:x.db\nsocket: hep_udp:127.0.0.1\n';
const MISSPELT = `${at('routes/one.cfg')}:2:3: unknown function sip_captur()`;

function report(name: string, text: string, environment: Record<string, string> = {}): string {
  writeFileSync(at(`etc/${name}`), text);
  return loadSettings({ file: at(`etc/${name}`), environment, flags: [], errorsOnly: true, checkRoutes }).report.split('\n')[0];
}

test('a folder set by a script is relative to the script', () => {
  const include = 'include_file "one.cfg"\nroute { route(one); }\n';
  expect(report('a.cfg', NODE + include)).toContain('no such file');
  expect(report('a.cfg', `${NODE}modparam("sipcap", "script.include_path", "../routes")\n${include}`)).toBe(MISSPELT);
  expect(report('a.cfg', NODE + include, { SIPCAP_SCRIPT_INCLUDE_PATH: at('routes') })).toBe(MISSPELT);
});

test('--route and route check use the path of the script', async () => {
  writeFileSync(at('etc/b.cfg'), 'modparam("sipcap", "script.include_path", "../routes")\ninclude_file "one.cfg"\nroute { route(one); }\n');
  const options = { file: at('etc/b.cfg'), hepRoute: '', scriptVersion: '' as const, environment: {} };
  const { report: found } = await readRouteFile(options, () => Promise.reject(new Error('no settings are read')));
  expect(found.split('\n')[0]).toBe(MISSPELT);
});

test('routes in YAML include files, too, and error positions are those of the YAML file', () => {
  const routes = 'route: |\n  include_file "one.cfg"\n  route { route(one); exi; }\n';
  expect(report('c.yaml', YAML + routes)).toContain('cannot read one.cfg: no such file');
  const both = report('c.yaml', `${YAML}script: {include_path: [../routes]}\n${routes.replace(' exi;', '')}`);
  expect(both).toBe(MISSPELT);
  expect(report('c.yaml', `${YAML}route: |\n  include_file "beside.cfg"\n  route { route(one); }\n`)).toBe('');
  expect(report('c.yaml', `${YAML}route: |\n    include_file "beside.cfg"\n    route { route(one); sip_captur(); }\n`)).toBe(
    `${at('etc/c.yaml')}:5:25: unknown function sip_captur()`,
  );
});

test('the origin of an included setting is the included file', () => {
  writeFileSync(at('etc/set.cfg'), '\nmodparam("sipcapture", "table_name", "calls")\n');
  writeFileSync(at('etc/e.cfg'), `${NODE}include_file "set.cfg"\nroute { sip_capture(); }\n`);
  const { values, draft } = loadSettings({ file: at('etc/e.cfg'), environment: {}, flags: [], checkRoutes });
  const origins = new Map(shownSettings(values!, draft).map(({ path, origin }) => [path, origin]));
  expect([origins.get('table_name'), origins.get('db_url')]).toEqual([`${at('etc/set.cfg')}:2:38`, `${at('etc/e.cfg')}:1:34`]);
});

test('route_file', () => {
  writeFileSync(at('etc/main.route'), 'include_file "one.cfg"\nroute { route(one); }\n');
  expect(report('d.yaml', `${YAML}route_file: main.route\nscript: {include_path: "../routes"}\n`)).toBe(MISSPELT);
});
