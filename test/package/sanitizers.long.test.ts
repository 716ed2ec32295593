/** The native addons under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer (npm run test:long). */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
/** What node-gyp makes, each with the program that calls all that it exports. */
const ADDONS = [
  {
    target: 'datagrams',
    sources: ['datagrams.c', 'receiver.c', 'receiver-thread.c', 'sender.c'],
    program: 'addon-exercise.mjs',
    prints: /^\d+ sent, \d+ bytes received\n$/,
  },
  { target: 'file_lock', sources: ['file-lock.c'], program: 'file-lock-exercise.mjs', prints: /^\d+ locked, \d+ held by another\n$/ },
] as const;
const headers = [join(dirname(process.execPath), '../include/node'), '/usr/include/node'].find((path) =>
  existsSync(join(path, 'node_api.h')),
);
const libraryOf = (name: string) => spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '';
const why =
  headers === undefined ? 'needs the headers of Node.js' : !existsSync(libraryOf('libasan.so')) ? 'needs gcc with its sanitizers' : '';

/** The sanitizer is loaded first: node itself is built without. Leaks of node at its end are not ours. */
const SANITIZERS: readonly (readonly [
  name: string,
  flags: string[],
  library: string,
  environment: Record<string, string>,
  rounds: number,
])[] = [
  ['AddressSanitizer', ['-fsanitize=address'], 'libasan.so', { ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1' }, 60],
  [
    'UndefinedBehaviorSanitizer',
    ['-fsanitize=undefined', '-fno-sanitize-recover=all'],
    'libubsan.so',
    { UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1' },
    60,
  ],
  [
    'ThreadSanitizer',
    ['-fsanitize=thread'],
    'libtsan.so',
    { TSAN_OPTIONS: 'halt_on_error=1:ignore_noninstrumented_modules=1:report_signal_unsafe=0' },
    30,
  ],
];

const cases = ADDONS.flatMap((addon) => SANITIZERS.map((sanitizer) => [addon.target, sanitizer[0], addon, sanitizer] as const));

(why === '' ? describe : describe.skip)(`the addons${why === '' ? '' : ` (${why})`}`, () => {
  test('are these', () => {
    const { targets } = JSON.parse(readFileSync(join(root, 'binding.gyp'), 'utf8')) as {
      targets: { target_name: string; sources: string[] }[];
    };
    expect(targets.map((target) => [target.target_name, target.sources])).toEqual(
      ADDONS.map(({ target, sources }) => [target, sources.map((name) => `native/${name}`)]),
    );
  });

  test.each(cases)(
    '%s under %s',
    (target, name, { sources, program, prints }, [, flags, library, environment, rounds]) => {
      const addon = join(folder.path, `${target}-${name}.node`);
      const compiled = ['-std=gnu11', '-O1', '-g', '-fno-omit-frame-pointer', '-shared', '-fPIC', '-pthread', ...flags, `-I${headers}`];
      execFileSync('gcc', [...compiled, '-o', addon, ...sources.map((source) => join(root, 'native', source))]);
      // ThreadSanitizer needs addresses that are not random.
      const args = ['-R', process.execPath, join(root, 'test/package', program), addon, String(rounds)];
      const env = { ...process.env, LD_PRELOAD: libraryOf(library), ...environment };
      const { status, signal, stdout, stderr } = spawnSync('setarch', args, { encoding: 'utf8', env, timeout: 600_000 });
      expect([status, signal, stderr.slice(0, 3000)]).toEqual([0, null, expect.not.stringMatching(/Sanitizer|runtime error/)]);
      expect(stdout).toMatch(prints);
    },
    700_000,
  );

  test('a fault would be seen', () => {
    const source = join(root, 'test/package/faulty-addon.c');
    const addon = join(folder.path, 'faulty.node');
    execFileSync('gcc', ['-O0', '-g', '-shared', '-fPIC', '-fsanitize=address', `-I${headers}`, '-o', addon, source]);
    const env = { ...process.env, LD_PRELOAD: libraryOf('libasan.so'), ASAN_OPTIONS: 'detect_leaks=0' };
    const { status, stderr } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], { encoding: 'utf8', env });
    expect([status === 0, stderr]).toEqual([false, expect.stringContaining('heap-buffer-overflow')]);
  }, 60_000);
});
