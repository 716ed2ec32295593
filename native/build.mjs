// Builds the optional addon (native/datagrams.c) where it can be: on Linux, with a C compiler. Without it UDP goes through Node's own sockets.
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const prefix = join(dirname(process.execPath), '..');
const nodeGyp =
  process.env.npm_config_node_gyp ?? join(realpathSync(join(prefix, 'bin/npm')), '../../node_modules/node-gyp/bin/node-gyp.js');
// The headers of this Node where they lie beside it; else node-gyp fetches them.
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
if (process.platform === 'linux') {
  try {
    execFileSync(process.execPath, [nodeGyp, 'rebuild', ...headers], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said =
      String(error.stderr ?? error.message)
        .split('\n')
        .find((text) => /error|ERR! stack/i.test(text)) ?? '';
    console.log(
      `sipcap: the addon for UDP in batches was not built (${said.trim().slice(0, 200)}); UDP goes through Node's own sockets, which is slower`,
    );
  }
}
