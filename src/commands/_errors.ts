/** Errors as users see them: what is wrong, what is expected, which flag helps, in at most two lines; and the exit code. */
import { EXIT_BUG, EXIT_UNREACHABLE, EXIT_USAGE, UnreachableError, UsageError } from '../lib/base/index.js';
import { alternatives, didYouMean, escapedLine, failureText, isNetworkError, isSystemError } from '../lib/base/index.js';

/** The parts of a command that its errors need. */
export interface CommandShape {
  flags?: object;
  baseFlags?: object;
  args?: object;
}

interface Flag {
  name: string;
  type: string;
  char?: string;
  aliases?: string[];
  options?: readonly string[];
  helpValue?: string;
  summary?: string;
  min?: number;
  max?: number;
}

interface ParseError extends Error {
  flags?: string[];
  args?: unknown[];
}

/** Prints an error on standard error; the exit code. */
export function report(error: Error, bin: string, id: string | undefined, command: CommandShape): number {
  const { text, code } = described(error, bin, (id ?? '').replaceAll(':', ' '), command);
  process.stderr.write(`${bin}: ${text.split('\n').map(escapedLine).join('\n')}\n`);
  return code;
}

function described(error: Error, bin: string, name: string, command: CommandShape): { text: string; code: number } {
  if (error instanceof UsageError) return { text: error.message, code: EXIT_USAGE };
  if (error instanceof UnreachableError) return { text: error.message, code: EXIT_UNREACHABLE };
  if ('oclif' in error || /^Parsing --/.test(error.message))
    return { text: parseProblem(error, name, new Shapes(command), bin), code: EXIT_USAGE };
  if (isSystemError(error)) return { text: failureText(error), code: isNetworkError(error) ? EXIT_UNREACHABLE : EXIT_USAGE };
  return { text: `internal error: ${error.stack ?? String(error)}`, code: EXIT_BUG };
}

/** The flags and arguments of a command. */
class Shapes {
  readonly flags: Record<string, Flag>;
  readonly args: Record<string, { description?: string }>;

  constructor({ flags, baseFlags, args }: CommandShape) {
    const all = Object.entries({ ...baseFlags, ...flags } as Record<string, Flag>);
    this.flags = Object.fromEntries(all.map(([name, flag]) => [name, { ...flag, name }]));
    this.args = { ...args } as Record<string, { description?: string }>;
  }

  get words(): string[] {
    return Object.values(this.flags).flatMap(({ name, aliases = [] }) => [`--${name}`, ...aliases.map((alias) => `--${alias}`)]);
  }

  /** `-w FILE`, `--db URL`. */
  usage(name: string): string {
    const { char, helpValue, options, type } = this.flags[name] ?? { name, type: 'boolean' };
    const value = type === 'boolean' ? '' : ` ${options === undefined ? (helpValue ?? 'VALUE') : options.join('|')}`;
    return `${char === undefined ? `--${name}` : `-${char}`}${value}`;
  }

  summary(name: string): string {
    return this.flags[name]?.summary ?? '';
  }
}

/** The parser's errors in our wording; they differ only in class and text. */
function parseProblem(error: ParseError, name: string, shapes: Shapes, bin: string): string {
  const help = `'${bin} ${name} --help' lists them`;
  const message = error.message.replace(/\nSee more help with --help$/, '');
  const match = (pattern: RegExp) => pattern.exec(message);
  let found: RegExpExecArray | null;
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const [flag] = error.flags ?? [''];
      const word = flag.split('=')[0];
      const hint = word.startsWith('--') ? didYouMean(word, shapes.words) : '';
      return `unknown flag '${word}' of '${bin} ${name}': ${hint === '' ? help : hint}`;
    }
    case 'RequiredArgsError': {
      const [argument] = Object.entries(shapes.args);
      return `missing ${argument[0].toUpperCase()} (${argument[1].description ?? ''})`;
    }
    case 'UnexpectedArgsError':
      return `unexpected argument '${String(error.args?.[0])}': '${bin} ${name}' takes ${Object.keys(shapes.args).length === 0 ? 'flags only' : `one ${Object.keys(shapes.args)[0].toUpperCase()}`}`;
  }
  if ((found = match(/^Expected --([\w-]+)=(.*) to be one of: (.*)$/s)) !== null) {
    const options = found[3].split(', ');
    return `invalid --${found[1]} '${found[2]}': expected ${alternatives(options)}${orNearest(found[2], options)}`;
  }
  if ((found = match(/^Flag --([\w-]+) expects (?:a value|one of these)/)) !== null)
    return `missing value of --${found[1]}: expected ${shapes.usage(found[1])}`;
  if ((found = match(/^Flag --([\w-]+) can only be specified once/)) !== null)
    return `--${found[1]} is given more than once: expected one value`;
  if ((found = match(/^Parsing --([\w-]+) \n\t.*but received: (.*)/s)) !== null)
    return `invalid --${found[1]} '${found[2].trim()}': expected ${rangeText(shapes.flags[found[1]])}`;
  if ((found = match(/^Parsing --([\w-]+) \n\tNo file found at (.*)/s)) !== null)
    return `cannot read --${found[1]} ${found[2].trim()}: no such file`;
  if ((found = match(/Missing required flag ([\w-]+)/)) !== null) return `missing ${shapes.usage(found[1])} (${shapes.summary(found[1])})`;
  if ((found = match(/--([\w-]+)=.* cannot also be provided when using --([\w-]+)/s)) !== null)
    return `${shapes.usage(found[1]).split(' ')[0]} and ${shapes.usage(found[2]).split(' ')[0]} exclude each other: specify one of them`;
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

function orNearest(given: string, words: readonly string[]): string {
  const hint = didYouMean(given, words);
  return hint === '' ? '' : `; ${hint}`;
}

function rangeText({ min, max }: Flag): string {
  if (min === undefined && max === undefined) return 'a whole number';
  if (max === undefined) return `a whole number of at least ${min}`;
  return `a whole number from ${min ?? 0} to ${max}`;
}
