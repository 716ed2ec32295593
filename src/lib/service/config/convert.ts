/** `config convert`: a script of OpenSIPS or Kamailio as YAML, with what was omitted as comments. */
import { EXIT_DONE, EXIT_USAGE, type Environment } from '../../base/index.js';
import { convertFile } from '../../config/index.js';
import { readable } from './load-file.js';

/** Incomplete YAML is printed, too: the report lists what is missing. */
export async function configConvert({ file }: { file: string }, env: Environment): Promise<number> {
  const { yaml, report, errors } = readable(file, () => convertFile(file));
  env.stdout.write(yaml);
  env.stderr.write(report);
  if (errors === 0) return EXIT_DONE;
  env.stderr.write(
    `${errors} ${errors === 1 ? 'error' : 'errors'} in ${yaml === '' ? file : 'what was printed: complete it before use'}\n`,
  );
  return EXIT_USAGE;
}
