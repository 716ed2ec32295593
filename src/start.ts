/**
 * Loads the bundle of all commands, compiled where V8's code cache fits it: made for this text by this Node.js with these
 * options. `native/code-cache.mjs` makes the cache when the package is installed or built; without it a start takes longer.
 */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

export const cacheFile = fileURLToPath(new URL('./bundle/sipcap.cache', import.meta.url));
const file = fileURLToPath(new URL('./bundle/sipcap.cjs', import.meta.url));
/** In the bundle's first line, behind the slashes, and at the beginning of the cache. */
const DIGEST_DIGITS = 64;

// Bundles contain ASCII only: one byte per character is read fastest, and stays outside V8's heap as long as nothing is added to it.
const text = readFileSync(file, 'latin1');
/** Of the text of the bundle. */
export const digest = text.slice(2, 2 + DIGEST_DIGITS);
/** The compiled bundle. */
export const script = compile(readCache());

function compile(cachedData: Buffer | undefined): Script {
  return new Script(text, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
}

function readCache(): Buffer | undefined {
  try {
    const bytes = readFileSync(cacheFile);
    return bytes.toString('latin1', 0, DIGEST_DIGITS) === digest ? bytes.subarray(DIGEST_DIGITS) : undefined;
  } catch {
    return undefined;
  }
}

interface Bundle {
  main: (argv: string[], root: string) => Promise<void>;
  /** Commands, help and the task of a process, by their paths in dist; each is loaded when it is called. */
  modules: Record<string, () => object>;
}

// Where oclif requires a command, it gets this module.
const require = createRequire(file);
const bundle = new Module(file);
require.cache[file] = bundle;
(script.runInThisContext() as (...args: unknown[]) => void)(bundle.exports, require, bundle, file, dirname(file));
bundle.loaded = true;

export const { main, modules } = bundle.exports as Bundle;
