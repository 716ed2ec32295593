/** Generated files are up to date: the command snapshot, the sample, the completion; and the tables agree with sql/. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, SIP_CAPTURE_COLUMNS, type Column } from '../../src/lib/row/index.js';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('the command tree', () => {
  test('the snapshot matches the manifest', () => {
    expect(execFileSync('node', ['scripts/command-snapshot.mjs'], { cwd: root, encoding: 'utf8' })).toBe(
      read('test/architecture/commands.txt'),
    );
  });

  test('the manifest lists every command file', () => {
    const files = readdirSync(join(root, 'src/commands'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !/(^|\/)_/.test(file),
    );
    const ids = files.map((file) =>
      file
        .replace(/\.ts$/, '')
        .replaceAll('/', ':')
        .replace(/:index$/, ''),
    );
    expect(Object.keys(JSON.parse(read('oclif.manifest.json')).commands).sort()).toEqual(ids.sort());
  });

  test('the bash completion completes commands and flags', () => {
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `source completion/sipcap.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sipcap; echo "\${COMPREPLY[@]}"`,
        ],
        { cwd: root, encoding: 'utf8' },
      )
        .trim()
        .split(' ');
    expect(complete('sipcap', 'cap')).toEqual(['capture']);
    expect(complete('sipcap', 'capture', 'mir')).toEqual(['mirror']);
    expect(complete('sipcap', 'capture', 'mirror', '--rea')).toEqual(['--read']);
    expect(complete('sipcap', 'hep', 'listen', '--quar')).toEqual(['--quarantine']);
  });
});

describe('table definitions', () => {
  const TABLES: [string, readonly Column[]][] = [
    ['sip_capture', SIP_CAPTURE_COLUMNS],
    ['rtcp_capture', REPORT_COLUMNS],
    ['rtcp_capture_homer6', REPORT_COLUMNS_HOMER6],
  ];
  const dialects = readdirSync(join(root, 'sql'));

  test.each(dialects.flatMap((dialect) => TABLES.map(([table, columns]) => [dialect, table, columns] as const)))(
    'sql/%s/%s.sql has the columns of the rows, and their key',
    (dialect, table, columns) => {
      const sql = read(`sql/${dialect}/${table}.sql`);
      const body = sql.slice(sql.indexOf('(') + 1);
      const defined = [...body.matchAll(/^ {2}[`"]?([a-z_0-9]+)[`"]? (?:[A-Z])/gm)]
        .map((match) => match[1])
        .filter((name) => name !== 'PRIMARY' && name !== 'KEY');
      // ClickHouse numbers no rows: they have the identity of their message.
      const own = dialect.startsWith('clickhouse') ? ['stream', 'sequence'] : ['id'];
      expect([...defined].filter((name) => name !== 'cseq_method').sort()).toEqual([...own, ...columns.map(({ name }) => name)].sort());
    },
  );

  test('sip_capture has 45 columns', () => {
    expect(SIP_CAPTURE_COLUMNS.length + 1).toBe(45);
  });
});

test('no file mentions the development environment', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !/\.(pcap|pcapng|png)$/.test(file) && file !== 'test/architecture/generated.test.ts');
  const telling = tracked.filter((file) => /\/work\/|registry\.npmjs|deb\.debian\.org|decisions\.md|DEVELOPERS\.md/.test(read(file)));
  expect(telling).toEqual([]);
});
