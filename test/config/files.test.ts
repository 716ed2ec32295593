/** Files of the repository: the samples load, the JSON Schema is up to date and lists every setting, the commands work. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { silentLog, systemClock, type Environment } from '../../src/lib/base/index.js';
import { jsonSchema, loadSettings, settingRows, settingsFromText } from '../../src/lib/config/index.js';
import { configCheck } from '../../src/lib/service/config/check.js';
import { configShow } from '../../src/lib/service/config/show.js';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sipcap-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  description?: string;
}

describe('samples', () => {
  test('serve.yaml loads without errors or warnings', () => {
    const { report, settings } = loadSettings({ file: join(root, 'samples/serve.yaml'), environment: {}, flags: [] });
    expect(report).toBe('');
    expect(settings).toMatchObject({
      listeners: [
        { transport: 'udp', port: 9060 },
        { transport: 'tcp', port: 9060 },
      ],
      databases: [{ db: 'sqlite:/var/lib/sipcap/sipcap.db', quarantine: '/var/lib/sipcap/quarantine.ndjson' }],
    });
  });

  test('every commented-out line is a valid setting, too', () => {
    const text = readFileSync(join(root, 'samples/serve.yaml'), 'utf8');
    // What has one blank behind its # is prose; examples that exclude what stands above them stay out.
    const all = text
      .replace(/^#(?! \S| *$)(.*)$/gm, '$1')
      .replace(/^# - (hep_tls.*)$/gm, '  - $1')
      .replace(/^db_url: mysql.*$/m, '')
      .replace(/^route_file: .*$/m, '');
    const { report } = settingsFromText(all, { file: 'serve.yaml', environment: {}, flags: [] });
    expect(report).toBe('');
    expect(Object.keys(parse(all) as object).length).toBeGreaterThan(25);
  });

  test('opensips.cfg loads without errors', () => {
    const { errors, settings } = loadSettings({ file: join(root, 'samples/opensips.cfg'), environment: {}, flags: [] });
    expect(errors).toBe(0);
    expect(settings).toMatchObject({ captureOn: true, listeners: [{ transport: 'udp' }, { transport: 'tcp' }], hepRoute: 'sip' });
  });
});

describe('JSON Schema', () => {
  const kept = JSON.parse(readFileSync(join(root, 'schema/serve.schema.json'), 'utf8')) as JsonSchema;

  test('the one in the repository is up to date', () => {
    expect(kept).toEqual(jsonSchema());
  });

  test('lists every setting with its description', () => {
    for (const { path, summary } of settingRows()) {
      let at: JsonSchema | undefined = kept;
      for (const name of path.split('.')) {
        at = at?.properties?.[name.replace('[]', '')];
        if (name.endsWith('[]')) at = at?.items;
      }
      expect([path, at?.description]).toEqual([path, summary]);
    }
  });
});

describe('commands', () => {
  function run() {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const env: Environment = { stdin: new PassThrough(), stdout, stderr, clock: systemClock, log: silentLog, colour: false };
    const texts = () => ({ stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') });
    return { env, texts };
  }
  const good = join(folder, 'good.yaml');
  const bad = join(folder, 'bad.yaml');
  writeFileSync(good, 'db_url: mysql://u:secret@h/d\nsocket: udp:127.0.0.1\n');
  writeFileSync(bad, 'db_url: sqlite:x\ndate: x\nuser: [a]\nsocket: udp:127.0.0.1\n');

  test('check reports OK', async () => {
    const { env, texts } = run();
    expect(await configCheck({ file: good, environment: {}, set: [], json: false }, env)).toBe(0);
    expect(texts()).toEqual({ stdout: `${good}: OK\n`, stderr: '' });
  });

  test('check reports every error', async () => {
    const { env, texts } = run();
    expect(await configCheck({ file: bad, environment: {}, set: [], json: false }, env)).toBe(2);
    expect(texts()).toEqual({
      stdout: '',
      stderr: [
        `${bad}:2:7: date: invalid value 'x': expected utc or local`,
        '    date: x',
        '          ^',
        `${bad}:3:7: user: expected a single value, not a list`,
        '    user: [a]',
        '          ^^^',
        `2 errors in ${bad}`,
        '',
      ].join('\n'),
    });
  });

  test('show prints values with their origins', async () => {
    const { env, texts } = run();
    expect(await configShow({ file: good, environment: { SIPCAP_TABLE_NAME: 'calls' }, set: ['date=local'], json: false }, env)).toBe(0);
    const { stdout } = texts();
    expect(stdout).toMatch(new RegExp(`^db_url: mysql://u:\\*\\*\\*@h/d +# ${good}:1:9$`, 'm'));
    expect(stdout).toMatch(/^table_name: calls +# environment SIPCAP_TABLE_NAME$/m);
    expect(stdout).toMatch(/^date: local +# flag --set date$/m);
    expect(stdout).toMatch(/^mi:\n {2}fifo: "" +# default$/m);
  });

  test('show prints JSON', async () => {
    const { env, texts } = run();
    await configShow({ file: good, environment: {}, set: [], json: true }, env);
    expect(JSON.parse(texts().stdout)).toMatchObject({
      db_url: { value: 'mysql://u:***@h/d', origin: `${good}:1:9` },
      'log.level': { value: 'info', origin: 'default' },
    });
  });

  test('a missing file', async () => {
    await expect(configCheck({ file: join(folder, 'none.yaml'), environment: {}, set: [], json: false }, run().env)).rejects.toThrow(
      `cannot read ${join(folder, 'none.yaml')}: no such file`,
    );
  });
});
