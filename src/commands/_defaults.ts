/** Defaults of flags out of the user's and the system's file; nothing of it is loaded where there is none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

type Flags = Record<string, { default?: unknown }>;

/** The flags with the defaults of the files. A database is a default only for commands that read. */
export async function withDefaults(flags: Flags, readsDatabase: boolean): Promise<Flags> {
  const { SIPCAP_CONFIG: own, XDG_CONFIG_HOME: configHome, HOME: home } = process.env;
  const folders = [configHome || join(home ?? '', '.config'), '/etc'];
  if (own === undefined ? !folders.some((folder) => existsSync(join(folder, 'sipcap/config.yaml'))) : own === '') return flags;
  const { defaultsFiles, readDefaults } = await import('../lib/config/defaults-file.js');
  const changed = { ...flags };
  for (const [name, { value }] of readDefaults(defaultsFiles(process.env)))
    if (flags[name] !== undefined && (name !== 'db' || readsDatabase)) changed[name] = { ...flags[name], default: value };
  return changed;
}
