// Bundles the commands that tsc built, oclif and the clients of databases; other packages stay outside. Starting a command then opens a
// few dozen files instead of several hundred, which is half of the CPU time that a start takes.
// dist/lib stays beside the bundle for modules started by path: the workers and the capture process.
import { readFile, rm } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { build } from 'esbuild';

const OUT = 'dist/bundle';
/** The globals that oclif's CommonJS modules expect. */
const REQUIRE = [
  "import { createRequire as requireHere } from 'node:module';",
  "import { fileURLToPath as pathHere } from 'node:url';",
  'const require = requireHere(import.meta.url), __filename = pathHere(import.meta.url), __dirname = pathHere(new URL(".", import.meta.url));',
].join('\n');

/** A module in a chunk still finds the files beside it in dist. */
const ownPlace = {
  name: 'own-place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/]lib[\\/].*\.js$/ }, async ({ path }) => {
      const place = relative('dist', path).split(sep).join('/');
      const text = await readFile(path, 'utf8');
      const url = `(import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/')) + '/dist/${place}')`;
      return { contents: text.replaceAll('import.meta.url', url), loader: 'js' };
    });
  },
};

/** Packages that consist of many files. */
const INSIDE = new Set(['@oclif/core', 'mysql2', 'pg', 'pg-copy-streams']);

/** All other packages are resolved in node_modules at run time. */
const outside = {
  name: 'outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) => {
      if (INSIDE.has(path) || resolveDir.includes('node_modules')) return undefined;
      return { path, external: true };
    });
  },
};

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: ['dist/commands/**/*.js', 'dist/help/help.js', 'dist/main.js', 'dist/lib/service/processes/child.js'],
  outdir: OUT,
  outbase: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  // Loaded by oclif only in a TypeScript checkout, and by pg only on request.
  external: ['typescript', 'ts-node', 'tsx', 'pg-native', 'pg-cloudflare'],
  banner: { js: REQUIRE },
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [ownPlace, outside],
  logLevel: 'warning',
});
