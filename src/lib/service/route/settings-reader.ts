/** Configurations are read only where one is given: what reads them takes long to load. */
import type { SettingsReader } from '../../script/script-file.js';

export const readSettings: SettingsReader = async (options) => (await import('../../config/index.js')).loadSettings(options);
