/** `shards`: the servers of a ClickHouse database as lists, instead of in its URL. */
import { describe, expect, test } from '@jest/globals';
import { parseDatabaseUrl } from '../../src/lib/store/index.js';
import { lines, load, settingsIn } from './load.js';

const REST = 'socket: hep_udp:127.0.0.1:9060\n';
const URL = 'clickhouse://sipcap:p%40ss@/calls?sslmode=disable';

describe('shards', () => {
  test.each([
    ['lists', `shards: [[ch1:8123, ch1b], ['[::1]:8124']]\n`],
    ['lists in lines', `shards:\n  - [ch1:8123, ch1b]\n  - '[::1]:8124'\n`],
    ['text', `shards: ch1:8123, ch1b; [::1]:8124\n`],
  ])('as %s are the servers of the URL', (_, yaml) => {
    const { databases } = settingsIn('serve.yaml', `db_url: ${URL}\n${yaml}${REST}`);
    expect(databases[0].db).toBe('clickhouse://sipcap:p%40ss@ch1:8123,ch1b;[::1]:8124/calls?sslmode=disable');
    const { shards, user, password, database } = parseDatabaseUrl(databases[0].db);
    expect([user, password, database]).toEqual(['sipcap', 'p@ss', 'calls']);
    expect(shards).toEqual([
      [
        { host: 'ch1', port: 8123 },
        { host: 'ch1b', port: 8123 },
      ],
      [{ host: '::1', port: 8124 }],
    ]);
  });

  test('by environment, of a user without password, and of a further database', () => {
    const yaml = `db_url: clickhouse://sipcap@/calls\n${REST}databases:\n  - db_url: clickhouses:///other\n    shards: [[a], [b, c]]\n`;
    expect(settingsIn('serve.yaml', yaml, { SIPCAP_SHARDS: 'x;y' }).databases.map(({ db }) => db)).toEqual([
      'clickhouse://sipcap@x;y/calls',
      'clickhouses://a;b,c/other',
    ]);
  });

  test.each([
    [
      'a URL that names servers',
      `db_url: clickhouse://sipcap:secret@ch1/calls\n${REST}shards: [[ch2]]\n`,
      lines(
        "serve.yaml:3:9: database URL 'clickhouse://sipcap:***@ch1/calls' cannot have shards added: expected clickhouse://user:password@/database, without servers",
        '    shards: [[ch2]]',
        '            ^^^^^^^',
      ),
    ],
    [
      'an engine without shards',
      `db_url: mysql://sipcap@/calls\n${REST}shards: [[a], [b]]\n`,
      lines(
        "serve.yaml:3:9: database URL 'mysql://sipcap@a;b/calls': ';' separates shards, which MySQL does not have; use ',' between servers with the same data",
        '    shards: [[a], [b]]',
        '            ^^^^^^^^^^',
      ),
    ],
    [
      'something that is no server',
      `db_url: clickhouse:///calls\n${REST}shards: [[a], ['http://b']]\n`,
      lines(
        "serve.yaml:3:9: shards: invalid server 'http://b': expected host or host:port, IPv6 in brackets",
        "    shards: [[a], ['http://b']]",
        '            ^^^^^^^^^^^^^^^^^^^',
      ),
    ],
  ])('with %s are an error', (_, yaml, report) => {
    expect(load('serve.yaml', yaml).report).toBe(report);
  });
});
