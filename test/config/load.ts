/** Loads configurations from texts, as from a file in /etc/sipcap. */
import { settingsFromText, type Flag, type LoadedSettings, type Settings } from '../../src/lib/config/index.js';

export function load(name: string, text: string, environment: Record<string, string> = {}, flags: Flag[] = []): LoadedSettings {
  return settingsFromText(text, { file: name, environment, flags });
}

/** The settings of a configuration that must have no errors. */
export function settingsIn(name: string, text: string, environment: Record<string, string> = {}, flags: Flag[] = []): Settings {
  const { settings, report } = load(name, text, environment, flags);
  if (settings === null) throw new Error(report);
  return settings;
}

export const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join('');
