/** Environment over file, flags over both; where a value comes from; and no secret in anything that is printed. */
import { describe, expect, test } from '@jest/globals';
import { originOf, settingsText, shownSettings, type Flag, type ShownSetting } from '../../src/lib/config/index.js';
import { load, settingsIn } from './load.js';

const FILE = 'db_url: sqlite:/x.db\nsocket:\n  - hep_udp:127.0.0.1\ntable_name: from_file\nmi:\n  fifo: /file\nlog: {level: warn}\n';
const set = (path: string, value: string): Flag => ({ name: `--set ${path}`, path, value });

function shown(text: string, environment: Record<string, string> = {}, flags: Flag[] = []): Map<string, ShownSetting> {
  const { values, draft, report } = load('/etc/sipcap/serve.yaml', text, environment, flags);
  if (values === null) throw new Error(report);
  return new Map(shownSettings(values, draft).map((one) => [one.path, one]));
}

describe('precedence', () => {
  test('the environment over the file, flags over the environment', () => {
    const environment = {
      SIPCAP_TABLE_NAME: 'from_environment',
      SIPCAP_MI_FIFO: '/environment',
      SIPCAP_SOCKET: 'hep_udp:127.0.0.2, hep_tcp:127.0.0.3',
      SIPCAP_COLUMNS: 'callid=a,method=b',
    };
    expect(settingsIn('s.yaml', FILE)).toMatchObject({ databases: [{ table: 'from_file' }], mi: { fifo: '/file' } });
    const second = settingsIn('s.yaml', FILE, environment);
    expect(second).toMatchObject({
      databases: [{ table: 'from_environment', renames: { callid: 'a', method: 'b' } }],
      mi: { fifo: '/environment' },
      log: { level: 'warn' },
    });
    expect(second.listeners.map(({ transport, host }) => [transport, host])).toEqual([
      ['udp', '127.0.0.2'],
      ['tcp', '127.0.0.3'],
    ]);
    const third = settingsIn('s.yaml', FILE, environment, [
      set('table_name', 'from_flag'),
      set('socket', 'hep_udp:127.0.0.4'),
      set('socket', 'hep_udp:127.0.0.5'),
      set('capture_on', '0'),
    ]);
    expect(third).toMatchObject({ databases: [{ table: 'from_flag' }], mi: { fifo: '/environment' }, captureOn: false });
    expect(third.listeners.map(({ host }) => host)).toEqual(['127.0.0.4', '127.0.0.5']);
  });

  test('also over a script', () => {
    const script = 'modparam("sipcapture", "hep_capture_on", 1)\nsocket=hep_udp:127.0.0.1\n';
    expect(settingsIn('c.cfg', script, { SIPCAP_DB: 'sqlite:/y.db', SIPCAP_CAPTURE_ON: 'on' })).toMatchObject({
      captureOn: true,
      databases: [{ db: 'sqlite:/y.db' }],
    });
  });

  test('an empty SIPCAP_DB is none', () => {
    expect(settingsIn('s.yaml', FILE, { SIPCAP_DB: '' }).databases).toEqual(settingsIn('s.yaml', FILE).databases);
    expect(settingsIn('s.yaml', FILE).databases[0].db).not.toBe('');
  });

  test('an unknown variable is a warning, one of another command is not', () => {
    const { report, errors } = load('s.yaml', FILE, { SIPCAP_TABEL_NAME: 'x', SIPCAP_HEP_KEY: 'k', HOME: '/' });
    expect(errors).toBe(0);
    expect(report).toBe(
      "SIPCAP_TABEL_NAME:1:1: warning: unknown variable: no setting has this name\n    SIPCAP_TABEL_NAME\n    ^^^^^^^^^^^^^^^^^\n    note: did you mean 'SIPCAP_TABLE_NAME'?\n",
    );
  });

  test('an unknown flag is an error', () => {
    expect(load('s.yaml', FILE, {}, [set('log.levl', 'x')]).report).toBe(
      "--set log.levl:1:1: unknown setting 'log.levl'\n    log.levl\n    ^^^^^^^^\n    note: did you mean 'log.level'?\n",
    );
  });
});

describe('origins', () => {
  test('default, file, environment, flag', () => {
    const found = shown(FILE, { SIPCAP_LOG_FORMAT: 'json' }, [set('user', 'sipcap')]);
    const origins = ['table_name', 'mi.fifo', 'log.level', 'log.format', 'user', 'date', 'socket'].map((path) => [
      path,
      found.get(path)?.value,
      found.get(path)?.origin,
    ]);
    expect(origins).toEqual([
      ['table_name', 'from_file', '/etc/sipcap/serve.yaml:4:13'],
      ['mi.fifo', '/file', '/etc/sipcap/serve.yaml:6:9'],
      ['log.level', 'warn', '/etc/sipcap/serve.yaml:7:14'],
      ['log.format', 'json', 'environment SIPCAP_LOG_FORMAT'],
      ['user', 'sipcap', 'flag --set user'],
      ['date', 'utc', 'default'],
      ['socket', ['hep_udp:127.0.0.1'], '/etc/sipcap/serve.yaml:3:3'],
    ]);
  });

  test('every setting is shown exactly once', () => {
    const { values, draft } = load('s.yaml', FILE);
    const paths = shownSettings(values!, draft).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining([
        'db_url',
        'raw_sock_children',
        'hep_route',
        'spool.max_age',
        'retention.every',
        'databases',
        'silent_after',
        'drain_deadline',
      ]),
    );
    expect(originOf('databases', draft)).toBe('default');
  });

  test('the output can be loaded again and gives the same settings', () => {
    const text = `${FILE}hep_id: "[a] 127.0.0.1; version=3"\nlive: {ports: 5060-5090}\ncolumns: {callid: c}\ncapture_node: 007\nquarantine: /q\ndatabases:\n  - db_url: sqlite:/y.db\n    columns: {method: m}\n  - db_url: sqlite:/z.db\n`;
    const { values, draft } = load('s.yaml', text);
    expect(settingsIn('s.yaml', settingsText(shownSettings(values!, draft)))).toEqual(settingsIn('s.yaml', text));
  });

  test('paths are relative to the file, those of flags are not', () => {
    const text =
      'db_url: sqlite:calls.db\nsocket: udp:127.0.0.1\nspool: {directory: spool}\nquarantine: /abs\ndatabases: [{db_url: "sqlite://other.db"}]\n';
    const settings = settingsIn('/etc/sipcap/serve.yaml', text, {}, [set('mi.fifo', 'here')]);
    expect(settings.databases.map(({ db }) => db)).toEqual(['sqlite:/etc/sipcap/calls.db', 'sqlite:/etc/sipcap/other.db']);
    expect(settings.relay.spool).toBe('/etc/sipcap/spool');
    expect(settings.databases[0].quarantine).toBe('/abs');
    expect(settings.mi.fifo).toBe('here');
  });
});

describe('secrets', () => {
  const SECRETS = ['pAss1', 'kEy2', 'tOken3', 'pAss4', 'kEy5'];
  const GOOD =
    'db_url: mysql://u:pAss1@h/d\nsocket: udp:127.0.0.1\nauth_key: kEy2\nmi:\n  token: tOken3\ntarget: {auth_key: kEy5}\ndatabases:\n  - db_url: postgres://u:p@pAss4@h/d\n';

  test('are hidden where settings are shown', () => {
    const found = shown(GOOD);
    expect(
      [found.get('db_url'), found.get('auth_key'), found.get('mi.token'), found.get('databases[0].db_url')].map((one) => one?.value),
    ).toEqual(['mysql://u:***@h/d', '***', '***', 'postgres://u:***@h/d']);
    const text = settingsText([...found.values()]);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  const BAD: [caption: string, name: string, text: string, environment?: Record<string, string>, flags?: Flag[]][] = [
    [
      'mistakes on their lines',
      's.yaml',
      GOOD.replace('/d\n', '\n')
        .replace('auth_key: kEy2', 'auth_key: [kEy2]')
        .replace('token: tOken3', 'token: {a: tOken3}')
        .replace('@pAss4@h/d', '@pAss4@h'),
    ],
    ['misspelt names', 's.yaml', GOOD.replaceAll('auth_key', 'auth_kye').replace('token', 'tokn').replaceAll('db_url', 'dburl')],
    ['text that is no YAML', 's.yaml', `${GOOD.replace('auth_key: kEy2', 'auth_key: "kEy2')}\n\tx`],
    ['one line', 's.yaml', 'mi: {token: tOken3, fif: x}\ntarget: {auth_key: kEy5, nam: y}\n'],
    [
      'values in the wrong place',
      's.yaml',
      'table_name: mysql://u:pAss1@h/d\nhep_capture_id: mysql://u:pAss4@h/d\nsocket: [mysql://u:pAss1@h/d]\n',
    ],
    [
      'a script',
      'c.cfg',
      'modparam("sipcapture", "db_url", "mysql://u:pAss1@h")\nmodparam("sipcapture", "dburl", "mysql://u:pAss4@h/d")\nmodparam("sipcap", "auth_key", "kEy2") x\nmodparam("sipcap", "mi.token", "tOken3"\nmodparam("sipcap", "auth_kye", "kEy5")\ndb_default_url=mysql://u:pAss1@h/d x\n',
    ],
    [
      'the environment',
      's.yaml',
      FILE,
      { SIPCAP_DB_URL: 'mysql://u:pAss1@h', SIPCAP_AUTH_KEY: 'kEy2', SIPCAP_DATABASES: 'mysql://u:pAss4@h/d' },
    ],
    [
      'flags',
      's.yaml',
      FILE,
      {},
      [set('db_url', 'mysql://u:pAss1@h'), set('auth_kye', 'kEy2'), set('mi.token', 'tOken3'), set('mi.http', '0.0.0.0:1x')],
    ],
  ];

  test.each(BAD)('are hidden in messages about %s', (_, name, text, environment = {}, flags = []) => {
    const { report, errors } = load(name, text, environment, flags);
    expect(errors).toBeGreaterThan(0);
    for (const secret of SECRETS) expect(report).not.toContain(secret);
  });
});
