/** Configuration of `serve`: one schema behind YAML and OpenSIPS scripts. */
export { convertFile, type ConvertedFile } from './convert-file.js';
export type { HepId } from './hep-id.js';
export { jsonSchema } from './json-schema.js';
export { loadSettings, settingsFromText, type LoadOptions, type LoadedSettings } from './load.js';
export type { Problem } from './problems.js';
export type { SocketAddress } from './network-kinds.js';
export type { Flag } from './overlays.js';
export { settingRows, type Row } from './rows.js';
export type { Values } from './schema.js';
export type { DatabaseSettings, LiveSettings, Settings, Spelling, TargetSettings } from './node-config.js';
export { originOf, settingsText, shownSettings, type ShownSetting } from './show.js';
