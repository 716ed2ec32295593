/** The reader of configurations is loaded only if one is given: loading it takes long. */
import type { SettingsReader } from '../../script/script-file.js';

export const readSettings: SettingsReader = async (options) => (await import('../../config/index.js')).loadSettings(options);
