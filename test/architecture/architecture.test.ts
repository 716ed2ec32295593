/** The floors of ARCHITECTURE.md, enforced by reading the import lines. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const library = join(root, 'src/lib');
const FLOORS: Record<string, number> = {
  base: 0,
  ...{ decode: 1, hep: 1, sip: 1, route: 1, format: 1, row: 1 },
  ...{ capture: 2, sink: 2, store: 2, calls: 2, media: 2 },
  extract: 3,
  pipeline: 4,
  ...{ config: 5, script: 5, admin: 5 },
  node: 6,
  service: 7,
};
/** Clients that are loaded only when they are needed, and the one file that may name each. */
const LAZY: Record<string, RegExp> = {
  sqlite3: /^store\/sqlite/,
  mysql2: /^store\/mysql/,
  pg: /^store\/postgres/,
  'pg-copy-streams': /^store\/postgres/,
  pcap: /^capture\/live/,
};

interface Import {
  file: string;
  target: string;
  dynamic: boolean;
  typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm))
    found.push({ file, target: match[2], dynamic: false, typeOnly: match[1] !== undefined });
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ file, target: match[1], dynamic: true, typeOnly: false });
  return found;
}

/** The room of a file of src/lib. */
function roomOf(file: string): string {
  return relative(library, file).split(sep)[0];
}

const files = sources(library);
const imports = files.flatMap(importsOf);
const packageOf = (target: string) =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');

/** Import cycles: groups of files that reach each other (Tarjan's strongly connected components). */
function cycles(): string[] {
  const edges = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { file, target } of imports)
    if (target.startsWith('.')) edges.get(file)!.push(resolve(dirname(file), target.replace(/\.js$/, '.ts')));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    stack.push(file);
    for (const next of edges.get(file)!) {
      if (!edges.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file)).map((member) => relative(library, member));
    if (group.length > 1) found.push(group.sort().join(' '));
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}

describe('floors', () => {
  test('every file is in a room, and every room on a floor', () => {
    expect(files.filter((file) => FLOORS[roomOf(file)] === undefined)).toEqual([]);
  });

  test('a room imports only from lower floors and from itself', () => {
    const broken = imports
      .filter(({ target }) => target.startsWith('.'))
      .filter(({ file, target }) => {
        const from = roomOf(file);
        const to = roomOf(resolve(dirname(file), target));
        return from !== to && !(FLOORS[to] < FLOORS[from]);
      });
    expect(broken.map(({ file, target }) => `${relative(library, file)} -> ${target}`)).toEqual([]);
  });

  test('no import cycles, types included', () => {
    expect(cycles()).toEqual([]);
  });

  test('every command has a file in service', () => {
    const commands = sources(join(root, 'src/commands')).map((file) => relative(join(root, 'src/commands'), file));
    const expected = commands.filter((file) => !/(^|\/)_/.test(file));
    expect(expected.filter((file) => !existsSync(join(library, 'service', file)))).toEqual([]);
  });

  test('a room is imported through its index.ts, or that of one of its parts', () => {
    const broken = imports
      .filter(({ target }) => target.startsWith('.'))
      .filter(({ file, target }) => {
        const to = resolve(dirname(file), target);
        return (
          roomOf(file) !== roomOf(to) &&
          ['base', 'decode', 'hep', 'sip', 'route', 'format', 'row', 'store'].includes(roomOf(to)) &&
          !to.endsWith(`${sep}index.js`)
        );
      });
    expect(broken.map(({ file, target }) => `${relative(library, file)} -> ${target}`)).toEqual([]);
  });

  test('base imports only Node, floor 1 is pure', () => {
    const IMPURE = [
      'node:fs',
      'node:fs/promises',
      'node:net',
      'node:dgram',
      'node:tls',
      'node:child_process',
      'node:http',
      'node:os',
      'node:worker_threads',
    ];
    // An engine for patterns and the widths of characters, pure JavaScript.
    const PURE = ['re2js', 'string-width'];
    const broken = imports.filter(
      ({ file, target }) =>
        !target.startsWith('.') &&
        !PURE.includes(target) &&
        (FLOORS[roomOf(file)] === 0
          ? !target.startsWith('node:')
          : FLOORS[roomOf(file)] === 1 && (!target.startsWith('node:') || IMPURE.includes(target))),
    );
    expect(broken.map(({ file, target }) => `${relative(library, file)} -> ${target}`)).toEqual([]);
  });

  test('oclif is imported only under src/commands and src/hooks', () => {
    expect(imports.filter(({ target }) => packageOf(target) === '@oclif/core').map(({ file }) => file)).toEqual([]);
  });

  test('heavy clients are named only in their own files', () => {
    const broken = imports.filter(({ file, target }) => {
      const own = LAZY[packageOf(target)];
      return own !== undefined && !own.test(relative(library, file).split(sep).join('/'));
    });
    expect(broken.map(({ file, target }) => `${relative(library, file)} -> ${target}`)).toEqual([]);
  });

  test('no command loads a heavy client at startup', () => {
    const reached = new Set<string>();
    const heavy: string[] = [];
    const walk = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { target, dynamic, typeOnly } of importsOf(file)) {
        if (dynamic || typeOnly) continue;
        if (target.startsWith('.')) walk(resolve(dirname(file), target.replace(/\.js$/, '.ts')));
        else if (
          LAZY[packageOf(target)] !== undefined ||
          ['chalk', 'cli-table3', 'cli-progress', 'fzstd', 'pino', 'zod', 'yaml', 'prom-client'].includes(packageOf(target))
        )
          heavy.push(`${relative(root, file)} -> ${target}`);
      }
    };
    walk(join(library, 'service/index.ts'));
    for (const file of sources(join(root, 'src/commands'))) walk(file);
    expect(heavy).toEqual([]);
    expect(reached.size).toBeGreaterThan(50);
  });
});

describe('file conventions', () => {
  const all = [...files, ...sources(join(root, 'src/commands')), ...sources(join(root, 'src/hooks'))];

  test('no file is longer than 300 lines', () => {
    expect(all.filter((file) => readFileSync(file, 'utf8').split('\n').length > 300).map((file) => relative(root, file))).toEqual([]);
  });

  test('no catch-all files (utils, helpers, common)', () => {
    expect(all.filter((file) => /\/(utils?|helpers?|common|misc)[./]/.test(file))).toEqual([]);
  });

  test('every file has a head comment', () => {
    const silent = files.filter((file) => !/^(\/\*\*|\/\/)/.test(readFileSync(file, 'utf8')) && !/index\.ts$/.test(file));
    expect(silent.map((file) => relative(root, file))).toEqual([]);
  });

  test('every room has an entry point (index.ts) of at most 20 lines', () => {
    const long = files.filter(
      (file) =>
        file.endsWith(`${sep}index.ts`) && roomOf(file) !== 'service' && readFileSync(file, 'utf8').trimEnd().split('\n').length > 20,
    );
    expect(long.map((file) => relative(root, file))).toEqual([]);
  });

  test('only the clock module reads the time', () => {
    const asks = all.filter(
      (file) => !file.endsWith('base/clock.ts') && /\bDate\.now\(\)|\bperformance\.now\(\)|\bnew Date\(\)/.test(readFileSync(file, 'utf8')),
    );
    expect(asks.map((file) => relative(root, file))).toEqual([]);
  });
});
