/** What a `db_url` may look like, and that its password is never shown. */
import { describe, expect, test } from '@jest/globals';
import { parseDatabaseUrl, shownUrl } from '../../src/lib/store/index.js';

describe('parseDatabaseUrl', () => {
  test.each([
    ['sqlite:calls.db', 'calls.db'],
    ['sqlite:/var/lib/calls.db', '/var/lib/calls.db'],
    ['sqlite:///var/lib/calls.db', '/var/lib/calls.db'],
    ['sqlite://calls.db', 'calls.db'],
    ['SQLITE:./a b?.db', './a b?.db'],
    ['sqlite3:x', 'x'],
  ])('%s is the file %s', (text, path) => {
    expect(parseDatabaseUrl(text)).toMatchObject({ kind: 'sqlite', path });
  });

  test.each([
    ['mysql://u:p@h/d', { kind: 'mysql', hosts: [{ host: 'h', port: 3306 }], user: 'u', password: 'p', database: 'd', socket: '' }],
    ['mariadb://u@127.0.0.1:3307/d', { kind: 'mysql', hosts: [{ host: '127.0.0.1', port: 3307 }], user: 'u', password: '' }],
    ['mysql://u:p%40%2f@localhost/d', { password: 'p@/' }],
    ['mysql://u:p@ss/w?rd@host/d', { user: 'u', password: 'p@ss/w?rd', hosts: [{ host: 'host', port: 3306 }], database: 'd' }],
    ['mysql://[::1]:3306/d', { hosts: [{ host: '::1', port: 3306 }], user: '' }],
    ['mysql://u:p@localhost/d?socket=/run/mysqld/mysqld.sock', { socket: '/run/mysqld/mysqld.sock' }],
    ['postgres://u:p@h/d', { kind: 'postgresql', hosts: [{ host: 'h', port: 5432 }] }],
    [
      'postgresql:///d?host=/run/postgresql',
      { kind: 'postgresql', hosts: [{ host: 'localhost', port: 5432 }], socket: '/run/postgresql', database: 'd' },
    ],
    [
      'mysql://u:p@a,b:3307,[::1]:3308/d',
      {
        hosts: [
          { host: 'a', port: 3306 },
          { host: 'b', port: 3307 },
          { host: '::1', port: 3308 },
        ],
        password: 'p',
        database: 'd',
      },
    ],
    ['postgresql:///d?host=/run/postgresql&port=5433', { hosts: [{ host: 'localhost', port: 5433 }], socket: '/run/postgresql' }],
    ['postgres:///d?host=db.example.net&port=5433', { hosts: [{ host: 'db.example.net', port: 5433 }], socket: '' }],
    ['mysql://h:3310/d?port=3311', { hosts: [{ host: 'h', port: 3310 }] }],
    ['postgres://a,b/d?target_session_attrs=read-write', { parameters: { target_session_attrs: 'read-write' } }],
    [
      'clickhouse://u:p@ch1:8124,ch1b;ch2,ch2b/d',
      {
        kind: 'clickhouse',
        hosts: [
          { host: 'ch1', port: 8124 },
          { host: 'ch1b', port: 8123 },
        ],
        shards: [
          [
            { host: 'ch1', port: 8124 },
            { host: 'ch1b', port: 8123 },
          ],
          [
            { host: 'ch2', port: 8123 },
            { host: 'ch2b', port: 8123 },
          ],
        ],
      },
    ],
    ['clickhouses://h/d', { hosts: [{ host: 'h', port: 8443 }], parameters: { sslmode: 'verify-full' } }],
    ['clickhouse://h/d', { shards: [[{ host: 'h', port: 8123 }]], parameters: {} }],
    ['postgres://h/d?sslmode=require', { parameters: { sslmode: 'require' } }],
  ])('%s', (text, expected) => {
    expect(parseDatabaseUrl(text)).toMatchObject(expected);
  });

  test.each([
    [
      'dbtext:/tmp/x',
      "unsupported database 'dbtext': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
    ],
    [
      'unixodbc://u:secret@h/d',
      "unsupported database 'unixodbc': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
    ],
    [
      'calls.db',
      "invalid database URL 'calls.db': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
    ],
    ['sqlite:', "database URL 'sqlite:' names no file: expected sqlite:PATH"],
    [
      'mysql://u:secret@h',
      "database URL 'mysql://u:***@h' names no database: expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
    ],
    [
      'mysql://u:secret@h:99999/d',
      "invalid database URL 'mysql://u:***@h:99999/d': expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
    ],
    [
      'mysql://u:%zz@h/d',
      "invalid database URL 'mysql://u:***@h/d': % must be followed by two hexadecimal digits (write %25 for a % itself)",
    ],
    [
      'postgres://a,b/d?target_session_attrs=best',
      "invalid target_session_attrs 'best' in database URL 'postgres://a,b/d?target_session_attrs=best': expected any, read-write, primary",
    ],
    ['mysql://a/d?tls=1', "unknown parameter 'tls' in database URL 'mysql://a/d?tls=1': expected sslmode,"],
  ])('%s is rejected', (text, message) => {
    expect(() => parseDatabaseUrl(text)).toThrow(message);
  });

  test('no password is shown, wherever it is', () => {
    for (const text of [
      'mysql://u:se@cr/et@h/d',
      'postgres://u:secret@h/d?x=1',
      'postgres://h/d?password=secret&x=1',
      'mysql://u@h/d?PWD=secret',
    ]) {
      expect(shownUrl(text)).not.toMatch(/secret|cr\/et/);
      expect(() => parseDatabaseUrl(text)).not.toThrow(/secret|cr\/et/);
    }
  });
});
