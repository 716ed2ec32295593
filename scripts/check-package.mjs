// Checks the files that npm would pack: all that is needed to run, nothing else.
import { execFileSync } from 'node:child_process';

const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }));
const paths = files.map(({ path }) => path);
const needed = [
  'bin/run.js',
  'dist/start.js',
  'dist/bundle/sipcap.cjs',
  'dist/bundle/commands/capture/mirror.cjs',
  'dist/lib/extract/workers/worker.js',
  'dist/lib/capture/live/child.js',
  'oclif.manifest.json',
  'sql/sqlite/sip_capture.sql',
  'README.md',
  'LICENSE',
  'package.json',
  'completion/sipcap.bash',
  'man/sipcap.1',
  'man/sipcap-capture-mirror.1',
  'schema/message.schema.json',
  'schema/serve.schema.json',
  'samples/serve.yaml',
  'native/addon.h',
  'native/datagrams.c',
  'native/receiver.c',
  'native/receiver-thread.c',
  'native/sender.c',
  'native/build.mjs',
  'native/code-cache.mjs',
  'binding.gyp',
];
const missing = needed.filter((path) => !paths.includes(path));
const surplus = paths.filter((path) => /^(src|test|bench|scripts|build|\.)/.test(path) || path.endsWith('.ts') || path.endsWith('.cache'));
if (missing.length > 0) console.log(`missing in the package: ${missing.join(', ')}`);
if (surplus.length > 0) console.log(`not wanted in the package: ${surplus.join(', ')}`);
console.log(`${paths.length} files`);
process.exit(missing.length + surplus.length === 0 ? 0 : 1);
