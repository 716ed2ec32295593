/** Paths in a file are relative to the file's own directory, wherever the program is started. */
import { resolve } from 'node:path';
import type { Draft, Tree } from './draft.js';
import type { RawValue } from './kind.js';
import { settingRows } from './rows.js';

const SQLITE = /^(sqlite3?:)(?:\/\/(?=[^/]))?([^/].*)$/i;

export function rootPaths(draft: Draft, folder: string): void {
  for (const { path, isPath, isList, secret } of settingRows()) {
    if (path.includes('[') || (isPath !== true && secret !== 'part') || draft.spot(path)?.kind !== 'file') continue;
    const parent = path.includes('.') ? draft.get(path.slice(0, path.indexOf('.'))) : draft.tree;
    const name = path.slice(path.indexOf('.') + 1);
    if (isList === true) rootList(parent as Tree, name, folder);
    else rootOne(parent as Tree, name, isPath === true, folder);
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

/** A list, or one text with commas. */
function rootList(tree: Tree | null, name: string, folder: string): void {
  const value = typeof tree === 'object' ? tree?.[name] : undefined;
  const items = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
  if (Array.isArray(items))
    tree![name] = (items as RawValue[]).filter((one) => one !== '').map((one) => (typeof one === 'string' ? resolve(folder, one) : one));
}
