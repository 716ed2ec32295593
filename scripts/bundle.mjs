// Bundles the commands that tsc built, oclif, chalk and the clients of databases into one file; other packages stay outside. Starting a
// command then opens a few files instead of several hundred, and V8 takes them from its code cache (src/start.ts).
// dist/lib stays beside the bundle for modules started by path: the workers and the capture process.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { build } from 'esbuild';

const OUT = 'dist/bundle';
const PARAMETERS = 'exports, require, module, __filename, __dirname';

/** Writes a bundle whose code cache src/start.ts can use: a function, as V8 caches it. Where it is required, it runs itself. */
async function writeBundle(name, text) {
  // The code cache is made for exactly this text.
  const digest = createHash('sha256').update(text).digest('hex');
  // `node -e` and the REPL have these names as globals, too.
  const isModule = `typeof __filename === 'string' && __filename.endsWith('${name}.cjs')`;
  const head = `((run) => (${isModule} ? run(${PARAMETERS}) : run))(function (${PARAMETERS}) {`;
  await writeFile(`${OUT}/${name}.cjs`, `//${digest}\n${head}${text}\n});\n`);
}

/** A module in the bundle still finds the files beside it in dist. */
const ownPlace = {
  name: 'own-place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const place = relative('dist', path).split(sep).join('/');
      const text = await readFile(path, 'utf8');
      return { contents: text.replaceAll('import.meta.url', `(DIST_URL + '${place}')`), loader: 'js' };
    });
  },
};

/** What takes oclif long at each start, and is not needed. */
const SPARED = {
  // Loading a collator's data takes longer than reading the manifest.
  'config/plugin.js': ['a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'],
  // It looks for a package.json that is not beside a bundle, and loads semver first.
  'index.js': ['\ncheckNodeVersion();', ''],
  // They are globals, too.
  'performance.js': ['require("node:perf_hooks")', 'globalThis'],
};

const spared = {
  name: 'spared',
  setup({ onLoad }) {
    for (const [file, [from, to]] of Object.entries(SPARED))
      onLoad({ filter: new RegExp(`@oclif/core/lib/${file}$`) }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (text.split(from).length !== 2) throw new Error(`${path}: expected once: ${from}`);
        return { contents: text.replace(from, to), loader: 'js' };
      });
  },
};

/** Packages that consist of many files, or that cannot be required. */
const INSIDE = new Set(['@oclif/core', 'chalk', 'cli-table3', 'pg', 'pg-copy-streams']);

/** Bundles of their own: large, and loaded by few commands. */
const BESIDE = new Set(['mysql2']);

/** All other packages are resolved in node_modules at run time. */
const outside = {
  name: 'outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) => {
      if (resolveDir.includes('node_modules') || INSIDE.has(path)) return undefined;
      return { path: BESIDE.has(path) ? `./${path}.cjs` : path, external: true };
    });
  },
};

const options = {
  write: false,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.17',
  // V8 runs no import() of code out of its cache.
  supported: { 'dynamic-import': false },
  // Loaded by oclif only in a TypeScript checkout, and by pg only on request.
  external: ['typescript', 'ts-node', 'tsx', 'pg-native', 'pg-cloudflare'],
  logLevel: 'warning',
};

const commands = (await readdir('dist/commands', { recursive: true }))
  .map((file) => file.split(sep).join('/'))
  .filter((file) => /(^|\/)[^_/][^/]*\.js$/.test(file))
  .map((file) => `commands/${file.slice(0, -'.js'.length)}`)
  .sort();
const loaded = [...commands, 'help/help', 'hooks/command-not-found'];
/** What each of several processes runs. */
const CHILD = 'lib/service/processes/child';

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const contents = [
  "export { main } from './main.js';",
  ...[...loaded, CHILD].map((path, i) => `const load${i} = () => require('./${path}.js');`),
  `export const modules = { ${[...loaded, CHILD].map((path, i) => `'${path}': load${i}`).join(', ')} };`,
].join('\n');
const { outputFiles } = await build({
  ...options,
  stdin: { contents, resolveDir: 'dist', loader: 'js' },
  plugins: [ownPlace, spared, outside],
});
const text = `const DIST_URL = new URL('../', require('node:url').pathToFileURL(__filename)).href;\n${outputFiles[0].text}`;
await writeBundle('sipcap', text);
for (const name of BESIDE) {
  const { outputFiles } = await build({ ...options, entryPoints: [name] });
  await writeBundle(name, outputFiles[0].text);
}
for (const path of loaded) {
  const file = `${OUT}/${path}.cjs`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `module.exports = require('${relative(dirname(file), OUT)}/sipcap.cjs').modules['${path}']();\n`);
}
// Signals that would end a process that is still loading are ignored from the first line on.
const signals = ['SIGUSR1', 'SIGHUP'].map((name) => `process.on('${name}', () => {});\n`).join('');
await writeFile(`${OUT}/child.mjs`, `${signals}const { modules } = await import('../start.js');\nmodules['${CHILD}']();\n`);
