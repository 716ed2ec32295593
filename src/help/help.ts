/** Help: `-h` is a page with the common flags, `--help` is everything; loaded only when help is requested. */
import { HelpBase, type Command, type Interfaces } from '@oclif/core';
import { UsageError, didYouMean } from '../lib/base/index.js';
import { TOPICS } from '../lib/service/help.js';
import { flagMeaning, flagUsage, type HelpFlag } from './flag-text.js';
import { DAILY, GROUPS, SHORT_HELP_FLAGS } from './groups.js';
import { helpWidth, table, wrapped } from './layout.js';

export default class Help extends HelpBase {
  override async showHelp(argv: string[]): Promise<void> {
    const isShort = argv.includes('-h') && !argv.includes('--help');
    const end = argv.findIndex((word) => word.startsWith('-'));
    const words = (end === -1 ? argv : argv.slice(0, end)).filter((word) => word !== 'help');
    await this.show(words, isShort);
  }

  async show(words: readonly string[], isShort: boolean): Promise<void> {
    const [first = ''] = words;
    const topic = words.length === 1 ? TOPICS.find(({ name }) => name === first) : undefined;
    if (topic !== undefined) return this.print(topic.text.trimEnd().split('\n'));
    if (words.length === 0) return this.print(this.rootHelp());
    for (let count = words.length; count > 0; count--) {
      const id = words.slice(0, count).join(':');
      const command = this.config.findCommand(id);
      if (command !== undefined) return this.print(await this.commandHelp(command, isShort));
      if (count === words.length && this.config.findTopic(id) !== undefined) return this.print(this.topicHelp(id));
    }
    const names = [...this.config.commandIDs.map((id) => id.replaceAll(':', ' ')), ...TOPICS.map(({ name }) => name)];
    const hint = didYouMean(words.join(' '), names);
    throw new UsageError(`no help on '${words.join(' ')}': ${hint === '' ? `'${this.config.bin} help' lists commands and topics` : hint}`);
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.print(await this.commandHelp(command, false));
  }

  private print(lines: readonly string[]): void {
    process.stdout.write(`${lines.join('\n')}\n`);
  }

  private get columns(): number {
    return helpWidth(process.stdout.columns);
  }

  private rootHelp(): string[] {
    const { bin, pjson } = this.config;
    return [
      ...wrapped(pjson.description ?? '', this.columns),
      '',
      'USAGE',
      `  ${bin} COMMAND [FLAGS]`,
      '',
      'COMMANDS',
      ...table(this.commandRows(''), this.columns),
      '',
      'HELP',
      ...table(
        [
          [`${bin} COMMAND -h`, 'the flags of daily use'],
          [`${bin} COMMAND --help`, 'all flags'],
          ...TOPICS.map(({ name, summary }) => [`${bin} help ${name}`, summary] as [string, string]),
          [`${bin} --version`, 'the version'],
        ],
        this.columns,
      ),
    ];
  }

  private topicHelp(name: string): string[] {
    const { bin, topics } = this.config;
    const { description = '' } = topics.find((one) => one.name === name) ?? {};
    return [
      ...wrapped(description, this.columns),
      '',
      'USAGE',
      `  ${bin} ${name.replaceAll(':', ' ')} COMMAND [FLAGS]`,
      '',
      'COMMANDS',
      ...table(this.commandRows(`${name}:`), this.columns),
    ];
  }

  private commandRows(prefix: string): [string, string][] {
    return this.config.commands
      .filter(({ id, hidden }) => id.startsWith(prefix) && !hidden)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, summary = '' }) => [id.replaceAll(':', ' '), summary.split(/[:;] /)[0]]);
  }

  /** Flags are in the order of their definitions, which the manifest does not keep, common ones first. */
  private async commandHelp(command: Command.Loadable, isShort: boolean): Promise<string[]> {
    const loaded = await command.load();
    const { bin } = this.config;
    const name = command.id.replaceAll(':', ' ');
    const all = Object.entries({ ...loaded.flags, ...loaded.baseFlags } as Record<string, HelpFlag>)
      .map(([flag, shape]) => ({ ...shape, name: flag }))
      .filter(({ hidden }) => hidden !== true);
    const isCut = isShort && all.length > SHORT_HELP_FLAGS;
    const flags = isCut ? all.filter(({ name: flag, required }) => DAILY.has(flag) || required === true) : all;
    const usage = [
      loaded.usage ??
        `${name}${Object.keys(loaded.args ?? {})
          .map((one) => ` ${one.toUpperCase()}`)
          .join('')} [FLAGS]`,
    ].flat();
    const lines = [...wrapped(loaded.summary ?? '', this.columns), '', 'USAGE', ...usage.map((text) => `  ${bin} ${text}`)];
    const section = (title: string, body: readonly string[]) => {
      if (body.length > 0) lines.push('', title, ...body);
    };
    section('ARGUMENTS', table(this.argumentRows(loaded.args ?? {}), this.columns));
    for (const [group, members] of grouped(flags))
      section(
        group,
        table(
          members.map((flag) => [flagUsage(flag), flagMeaning(flag)]),
          this.columns,
        ),
      );
    if (!isCut && loaded.description !== undefined)
      section(
        'DESCRIPTION',
        wrapped(loaded.description.replaceAll('\n', ' '), this.columns - 2).map((line) => `  ${line}`),
      );
    const examples = ((loaded.examples ?? []) as string[]).map((text) => `  ${text.replaceAll('<%= config.bin %>', bin)}`);
    section('EXAMPLES', isCut ? examples.slice(0, 3) : examples);
    const sub = this.commandRows(`${command.id}:`);
    section('COMMANDS', table(sub, this.columns));
    if (isCut) lines.push('', `${all.length - flags.length} more flags: ${bin} ${name} --help`);
    return lines;
  }

  private argumentRows(args: Interfaces.ArgInput): [string, string][] {
    return Object.entries(args).map(([name, { description = '', default: value, required }]) => {
      const isDefault = typeof value === 'string' && value !== '-';
      return [`${name.toUpperCase()}${required === true ? '' : '...'}`, `${description}${isDefault ? ` (default: ${value})` : ''}`];
    });
  }
}

function grouped(flags: readonly HelpFlag[]): [string, HelpFlag[]][] {
  const groups = new Map<string, HelpFlag[]>();
  for (const flag of flags) {
    const group = flag.helpGroup ?? GROUPS[0];
    groups.set(group, [...(groups.get(group) ?? []), flag]);
  }
  const place = (group: string) => (GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length);
  const daily = [...DAILY];
  const use = ({ name, required }: HelpFlag) => {
    if (required === true) return -1;
    return DAILY.has(name) ? daily.indexOf(name) : daily.length;
  };
  for (const members of groups.values()) members.sort((a, b) => use(a) - use(b));
  return [...groups].sort(([a], [b]) => place(a) - place(b));
}
