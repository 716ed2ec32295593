/** `config defaults`: what the defaults files set, and where each value comes from. */
import { EXIT_DONE, type Environment } from '../../base/index.js';
import { defaultsFiles, readDefaults } from '../../config/defaults-file.js';
import { shownUrl } from '../../store/index.js';

/** By names of settings. */
const VARIABLES: Readonly<Record<string, string>> = {
  db: 'SIPCAP_DB',
  fifo: 'SIPCAP_MI_FIFO',
  datagram: 'SIPCAP_MI_DATAGRAM',
  token: 'SIPCAP_MI_TOKEN',
};

export async function configDefaults(
  { environment }: { environment: Readonly<Record<string, string | undefined>> },
  env: Environment,
): Promise<number> {
  const files = defaultsFiles(environment);
  const defaults = readDefaults(files);
  if (files.length === 0) env.stderr.write(`no defaults file${environment.SIPCAP_CONFIG === '' ? ' (SIPCAP_CONFIG is empty)' : ''}\n`);
  for (const [name, { value, origin }] of defaults) {
    const variable = environment[VARIABLES[name] ?? ''];
    const over = variable === undefined || variable === '' ? '' : `; ${VARIABLES[name]} is set and goes before it`;
    env.stdout.write(`${name}: ${shown(name, value)}  # ${origin}${name === 'db' ? '; for commands that read' : ''}${over}\n`);
  }
  return EXIT_DONE;
}

function shown(name: string, value: unknown): string {
  if (name === 'token') return '***';
  return name === 'db' ? shownUrl(String(value)) : Array.isArray(value) ? JSON.stringify(value) : String(value);
}
