/** The top floor's door for the commands. */
export { parsePortRanges } from '../base/index.js';
export { captureFiles } from './capture-files.js';
export { processSurroundings } from './surroundings.js';
export { dbInit } from './db-init.js';
export { hepListen } from './hep-listen.js';
