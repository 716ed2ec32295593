/** Lets a child process of a test run our TypeScript as it stands: `node --import ./typescript-hooks.mjs child.ts`. */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

if (!import.meta.url.includes('hooks')) throw new Error('loaded under another name');

export async function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') || !specifier.endsWith('.js')) return next(specifier, context);
  return next(specifier.replace(/\.js$/, '.ts'), context).catch(() => next(specifier, context));
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } });
  return { format: 'module', source: code, shortCircuit: true };
}

// Loaded once by --import, which registers it, and once more by Node as the hooks themselves.
if (process.execArgv.some((argument) => argument.includes('typescript-hooks')) && !globalThis.hooksRegistered) {
  globalThis.hooksRegistered = true;
  const { isMainThread } = await import('node:worker_threads');
  if (isMainThread) register(import.meta.url);
}
