/** Common to all commands: errors become one line and an exit code here, and files are created without world access. */
import { Command, Flags, type Interfaces } from '@oclif/core';
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_NOTHING_FOUND, EXIT_UNREACHABLE } from '../lib/base/exit-codes.js';
import { TIME_STYLES } from '../lib/sink/terminal/line-times.js';
import { mapFlags } from './_argv.js';
import { withDefaults } from './_defaults.js';
import { refuseEmpty } from './_empty.js';
import { warnIneffective } from './_ineffective.js';

/** Databases, captures and spools hold calls: no access for others, read access for the group at most. */
const UMASK = 0o027;
const LINGER_MS = 1000;

type Values = Record<string, unknown>;

export abstract class SipcapCommand extends Command {
  /** Flags take their defaults from the defaults files. */
  static readonly usesDefaults: boolean = true;
  /** Only reads a database: that of the defaults files will do. */
  static readonly readsDatabase: boolean = false;

  static override baseFlags = {
    color: Flags.option({ options: ['auto', 'always', 'never'] as const, default: 'auto' as const })({
      summary: 'colours: on a terminal unless NO_COLOR is set, always, or never',
      helpGroup: 'GENERAL',
    }),
  };

  protected override async init(): Promise<void> {
    process.umask(process.umask() | UMASK);
    watchStandardOutput();
    await super.init();
    const { flags } = this.ctor;
    if (Object.hasOwn(flags ?? {}, 'time')) this.argv = mapFlags(this.argv, flags, timeWord);
  }

  /* eslint-disable @typescript-eslint/no-explicit-any -- the signature of oclif */
  protected override async parse<
    F extends Interfaces.OutputFlags<any>,
    B extends Interfaces.OutputFlags<any>,
    A extends Interfaces.OutputArgs<any>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    /* eslint-enable @typescript-eslint/no-explicit-any */
    const { usesDefaults, readsDatabase } = this.ctor as typeof SipcapCommand;
    const { baseFlags } = SipcapCommand;
    const own = { ...baseFlags, ...options?.flags } as Parameters<typeof withDefaults>[0];
    const flags = usesDefaults ? await withDefaults(own, readsDatabase) : own;
    const parsed = await super.parse({ ...options, flags: flags as typeof options extends undefined ? never : F }, argv);
    refuseEmpty(parsed.raw);
    if (readsDatabase) yieldDatabase(parsed);
    setColours((parsed.flags as Values).color);
    warnIneffective(parsed, options?.flags ?? {}, this.config.bin);
    return parsed;
  }

  /** Runs the service and ends with its exit code. */
  protected async finish(work: Promise<number>): Promise<void> {
    leave(await work);
  }

  protected override async catch(error: Error): Promise<void> {
    const { report } = await import('./_errors.js');
    leave(report(error, this.config.bin, this.id, this.ctor));
  }
}

/** Something but its reader's end made standard output unusable. */
let outputFailed = false;

/** Instead of oclif's listener, which throws: a full disk ends this output, and the others go on. */
function watchStandardOutput(): void {
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || outputFailed) return;
    outputFailed = true;
    process.stderr.write(`sipcap: cannot write on standard output: ${error.message}\n`);
    if (process.exitCode !== undefined) process.exitCode = outcomeOf(Number(process.exitCode));
  });
}

/** What was not written is lost. */
function outcomeOf(code: number): number {
  return outputFailed && [EXIT_DONE, EXIT_BAD_INPUT, EXIT_NOTHING_FOUND].includes(code) ? EXIT_UNREACHABLE : code;
}

/** Open connections (an unresponsive server, a target, a database) must not keep a command alive that has finished or failed. */
function leave(code: number): void {
  process.exitCode = outcomeOf(code);
  setTimeout(() => process.exit(outcomeOf(code)), LINGER_MS).unref();
  // Node removes its signal handlers before a normal exit: a late SIGTERM would replace the exit code.
  process.once('beforeExit', () => process.exit());
}

/** The database of the defaults files is read unless another input is named. */
function yieldDatabase({ flags, args, metadata }: { flags: object; args: object; metadata: { flags?: object } }): void {
  const { read, interface: interfaces, 'hep-listen': listeners } = flags as Values;
  const given = (metadata.flags ?? {}) as Record<string, { setFromDefault?: boolean } | undefined>;
  const isNamed = read !== undefined || interfaces !== undefined || listeners !== undefined || (args as Values).file !== undefined;
  if (isNamed && given.db?.setFromDefault === true) delete (flags as Values).db;
}

/** tcpdump's `-t` to `-ttttt`. */
function timeWord(word: string): string {
  const style = /^-t{1,5}$/.test(word) ? TIME_STYLES[word.length - 2] : undefined;
  return style === undefined ? word : `--time=${style}`;
}

/** In a form that every library understands. */
function setColours(choice: unknown): void {
  if (choice === 'always') {
    process.env.FORCE_COLOR = '1';
    delete process.env.NO_COLOR;
  } else if (choice === 'never') {
    process.env.NO_COLOR = '1';
    delete process.env.FORCE_COLOR;
  }
}
