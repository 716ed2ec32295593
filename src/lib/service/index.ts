/** Entry point of the top floor for the commands. */
export { parsePortRanges, parseRawListen } from '../base/index.js';
export { captureMirror } from './capture/mirror.js';
export { captureRaw } from './capture/raw.js';
export { processEnvironment } from '../base/index.js';
export { dbDrain } from './db/drain.js';
export { importQuarantine } from './db/import-quarantine.js';
export { dbInit } from './db/init.js';
export { dbPrune } from './db/prune.js';
export { dbStatus } from './db/status.js';
export { hepChunks } from './hep/chunks.js';
export { hepEdit } from './hep/edit.js';
export { hepListen } from './hep/listen.js';
export { hepRelay } from './hep/relay.js';
export { hepSpool } from './hep/spool.js';
export { readKey } from '../pipeline/input/hep-listeners.js';
export { reportList } from './report/list.js';
export { report } from './report/index.js';
export { reportShow } from './report/show.js';
