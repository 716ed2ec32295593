/** The flags of a long program; what is wrong with them ends it with the usage. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

export function flags<T extends Options>(options: T, usage: string) {
  try {
    return { values: parseArgs({ options }).values, refuse: () => refuse('', usage) };
  } catch (error) {
    return refuse(`${(error as Error).message}\n`, usage);
  }
}

function refuse(problem: string, usage: string): never {
  process.stderr.write(`${problem}usage: npm run test:long -- ${usage}\n`);
  process.exit(2);
}
