/** Many errors at once, and input crafted to be expensive. */
import { describe, expect, test } from '@jest/globals';
import { load } from './load.js';

describe('YAML', () => {
  test('all errors at once, without follow-up errors', () => {
    const { report, errors } = load(
      'serve.yaml',
      'db_url: mysql://h\nsockets: hep_udp:127.0.0.1\ncapture_on: 7\ntls: {certificat: x}\n',
      { SIPCAP_DATE: 'now' },
      [{ name: '--set hep_port', path: 'hep_port', value: '-1' }],
    );
    expect(report.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      "serve.yaml:1:9: db_url: database URL 'mysql://h' names no database: expected sqlite:PATH, mysql://user:password@host/database, postgres://user:password@host/database or clickhouse://user:password@host/database",
      "serve.yaml:2:1: unknown setting 'sockets'",
      "serve.yaml:3:13: capture_on: invalid value '7': expected on or off (or 1 or 0)",
      "serve.yaml:4:7: unknown setting 'certificat' in tls",
      "SIPCAP_DATE:1:1: date: invalid value 'now': expected utc or local",
      '--set hep_port:1:1: hep_port: -1 is out of range: expected 0 to 65535',
    ]);
    expect(errors).toBe(6);
  });

  test('alias expansion is limited', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${new Array(10).fill(`*${'abcdefgh'[i]}`).join(', ')}]`),
    ].join('\n');
    expect(load('serve.yaml', bomb).report).toContain('too many values or levels');
  });
});
