/** Paths in a file are relative to the file's own directory, wherever the program is started. */
import { resolve } from 'node:path';
import type { Draft, Tree } from './draft.js';
import { settingRows } from './rows.js';

const SQLITE = /^(sqlite3?:)(?:\/\/(?=[^/]))?([^/].*)$/i;

export function rootPaths(draft: Draft, folder: string): void {
  for (const { path, isPath, secret } of settingRows()) {
    if (path.includes('[') || (isPath !== true && secret !== 'part') || draft.spot(path)?.kind !== 'file') continue;
    const parent = path.includes('.') ? draft.get(path.slice(0, path.indexOf('.'))) : draft.tree;
    rootOne(parent as Tree, path.slice(path.indexOf('.') + 1), isPath === true, folder);
  }
  if (Array.isArray(draft.tree.databases))
    for (const one of draft.tree.databases as unknown[]) rootOne(one as Tree, 'db_url', false, folder);
}

function rootOne(tree: Tree | null, name: string, isPath: boolean, folder: string): void {
  const value = typeof tree === 'object' ? tree?.[name] : undefined;
  if (typeof value !== 'string' || value === '') return;
  if (isPath) tree![name] = resolve(folder, value);
  else tree![name] = value.replace(SQLITE, (_, scheme: string, path: string) => `${scheme}${resolve(folder, path)}`);
}
