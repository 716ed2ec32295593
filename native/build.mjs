// Builds the optional addon (native/datagrams.c) on Linux where a C compiler is installed. Without it UDP uses Node's own sockets.
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const prefix = join(dirname(process.execPath), '..');
const nodeGyp =
  process.env.npm_config_node_gyp ?? join(realpathSync(join(prefix, 'bin/npm')), '../../node_modules/node-gyp/bin/node-gyp.js');
// The headers installed with this Node, if any; otherwise node-gyp downloads them.
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
if (process.platform === 'linux') {
  try {
    execFileSync(process.execPath, [nodeGyp, 'rebuild', ...headers], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const reason =
      String(error.stderr ?? error.message)
        .split('\n')
        .find((text) => /error|ERR! stack/i.test(text)) ?? '';
    console.log(
      `sipcap: could not build the addon for batched UDP (${reason.trim().slice(0, 200)}); UDP uses Node's own sockets, which are slower`,
    );
  }
}
