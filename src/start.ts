/**
 * Loads the bundle of all commands, compiled where V8's code cache fits it: made for this text by this Node.js with these
 * options. `native/code-cache.mjs` makes the caches when the package is installed or built; without them a start takes longer.
 */
// Imported, each would first be wrapped into a module of its own.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Module } = process.getBuiltinModule('node:module');
const { dirname } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');
const { Script } = process.getBuiltinModule('node:vm');

const { createRequire } = Module;
/** In a bundle's first line, behind the slashes, and at the beginning of its cache. */
const DIGEST_DIGITS = 64;

export interface CompiledBundle {
  file: string;
  cacheFile: string;
  /** Of its text. */
  digest: string;
  script: InstanceType<typeof Script>;
}

/** By name. */
export const compiled = new Map<string, CompiledBundle>();

export function compile(name: string): CompiledBundle {
  const place = fileURLToPath(new URL(`./bundle/${name}`, import.meta.url));
  const [file, cacheFile] = [`${place}.cjs`, `${place}.cache`];
  // Bundles contain ASCII only: one byte per character is read fastest, and stays outside V8's heap as long as nothing is added to it.
  const text = readFileSync(file, 'latin1');
  const digest = text.slice(2, 2 + DIGEST_DIGITS);
  const cachedData = readCache(cacheFile, digest);
  const script = new Script(text, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  const bundle = { file, cacheFile, digest, script };
  compiled.set(name, bundle);
  return bundle;
}

function load(name: string): NodeModule {
  const { file, script } = compile(name);
  const module = new Module(file);
  const require = requireOf(file);
  // Where oclif requires a command, it gets this module.
  require.cache[file] = module;
  (script.runInThisContext() as (...args: unknown[]) => void)(module.exports, require, module, file, dirname(file));
  module.loaded = true;
  return module;
}

/** The client of MySQL is a bundle of its own, loaded when the first one requires it. */
function requireOf(file: string): NodeRequire {
  const plain = createRequire(file);
  let mysql: NodeModule | null = null;
  const own = (id: string): unknown => (id === './mysql2.cjs' ? (mysql ??= load('mysql2')).exports : plain(id));
  return Object.assign(own, plain);
}

function readCache(file: string, digest: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.toString('latin1', 0, DIGEST_DIGITS) === digest ? bytes.subarray(DIGEST_DIGITS) : undefined;
  } catch {
    return undefined;
  }
}

interface Commands {
  main: (argv: string[], root: string) => Promise<void>;
  /** Commands, help and the task of a process, by their paths in dist; each is loaded when it is called. */
  modules: Record<string, () => object>;
}

export const { main, modules } = load('sipcap').exports as Commands;
