/** For `node --import`: puts the hooks beside it in place. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
