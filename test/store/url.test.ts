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
    ['mysql://u:p@h/d', { kind: 'mysql', host: 'h', port: 3306, user: 'u', password: 'p', database: 'd', socket: '' }],
    ['mariadb://u@127.0.0.1:3307/d', { kind: 'mysql', host: '127.0.0.1', port: 3307, user: 'u', password: '' }],
    ['mysql://u:p%40%2f@localhost/d', { password: 'p@/' }],
    ['mysql://u:p@ss/w?rd@host/d', { user: 'u', password: 'p@ss/w?rd', host: 'host', database: 'd' }],
    ['mysql://[::1]:3306/d', { host: '::1', user: '' }],
    ['mysql://u:p@localhost/d?socket=/run/mysqld/mysqld.sock', { socket: '/run/mysqld/mysqld.sock' }],
    ['postgres://u:p@h/d', { kind: 'postgresql', port: 5432 }],
    ['postgresql:///d?host=/run/postgresql', { kind: 'postgresql', host: 'localhost', socket: '/run/postgresql', database: 'd' }],
    ['postgres://h/d?sslmode=require', { parameters: { sslmode: 'require' } }],
  ])('%s', (text, expected) => {
    expect(parseDatabaseUrl(text)).toMatchObject(expected);
  });

  test.each([
    [
      'dbtext:/tmp/x',
      "databases of the kind 'dbtext' are not supported: write sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
    ],
    [
      'unixodbc://u:secret@h/d',
      "databases of the kind 'unixodbc' are not supported: write sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
    ],
    [
      'calls.db',
      "'calls.db' is no database URL: write sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
    ],
    ['sqlite:', 'sqlite: needs the path of a file: sqlite:PATH'],
    [
      'mysql://u:secret@h',
      "'mysql://u:***@h' names no database: write sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
    ],
    [
      'mysql://u:secret@h:99999/d',
      "'mysql://u:***@h:99999/d' is no database URL: write sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database",
    ],
    ['mysql://u:%zz@h/d', "'mysql://u:***@h/d': a % must be followed by two hexadecimal digits (write %25 for a % itself)"],
  ])('%s is refused', (text, message) => {
    expect(() => parseDatabaseUrl(text)).toThrow(message);
  });

  test('no password is shown, wherever it stands', () => {
    for (const text of [
      'mysql://u:se@cr/et@h/d',
      'postgres://u:secret@h/d?x=1',
      'postgres://h/d?password=secret&x=1',
      'mysql://u@h/d?PWD=secret',
    ]) {
      expect(shownUrl(text)).not.toMatch(/secret|cr\/et/);
      expect(parseDatabaseUrl(text).shown).toBe(shownUrl(text));
    }
  });
});
