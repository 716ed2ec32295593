// Man pages out of the command manifest: sipcap.1, a page for each topic, and one for each command.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
const { version, oclif } = JSON.parse(readFileSync('package.json', 'utf8'));
const pageOf = (id) => `sipcap-${id.replaceAll(':', '-')}`;
const EXIT_STATUS = [
  ['0', 'Done.'],
  ['1', 'Internal error; please report it.'],
  ['2', 'Usage or configuration error.'],
  ['3', 'Input was partly or wholly unreadable; what could be read was delivered.'],
  ['4', 'A database or target could not be reached, or an answer is partial.'],
  ['5', 'A call or report was looked up and not found.'],
  ['130', 'Interrupted before finite work was complete.'],
];

/** Text that groff prints as it is. */
function plain(text) {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/[^\n -~]/g, (character) => `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
  return escaped.replaceAll(/^(['.])/gm, '\\&$1');
}
const bold = (text) => `\\fB${plain(text)}\\fR`;
const italic = (text) => `\\fI${plain(text)}\\fR`;
const filled = (text) => plain(text.replaceAll('<%= config.bin %>', 'sipcap').replaceAll(/<%[^%]*%>/g, ''));
const lower = (text) => text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

function page(name, summary, sections) {
  const lines = [
    `.TH ${plain(name.toUpperCase())} 1 "" "sipcap ${version}" "User Commands"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    `${plain(name)} \\- ${plain(lower(summary))}`,
  ];
  for (const [title, body] of sections) if (body.length > 0) lines.push(`.SH ${title}`, ...body);
  return `${lines.join('\n')}\n`;
}

function flagTerm({ name, char, helpValue, options, type, allowNo }) {
  const value = type === 'boolean' ? '' : ` ${italic(options === undefined ? (helpValue ?? 'VALUE') : options.join('|'))}`;
  const long = allowNo ? `${bold(`--${name}`)}, ${bold(`--no-${name}`)}` : bold(`--${name}`);
  return `${char === undefined ? '' : `${bold(`-${char}`)}, `}${long}${value}`;
}

function flagText({ summary = '', description = '', env, default: given, type }) {
  const notes = [];
  if (type !== 'boolean' && given !== undefined && given !== '' && !Array.isArray(given)) notes.push(`default: ${given}`);
  if (env !== undefined) notes.push(`environment: ${env}`);
  const text = (summary || description).replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
  return plain(`${text}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}.`);
}

function flagLines(flags) {
  // Those without a group come first: they have no heading.
  const groups = new Map([['', []]]);
  for (const flag of Object.values(flags).filter(({ hidden }) => hidden !== true)) {
    const group = flag.helpGroup ?? '';
    groups.set(group, [...(groups.get(group) ?? []), flag]);
  }
  const lines = [];
  for (const [group, members] of groups) {
    if (group !== '')
      lines.push(
        `.SS ${plain(
          group.charAt(0) +
            group
              .slice(1)
              .toLowerCase()
              .replace(/\bhep\b/g, 'HEP'),
        )}`,
      );
    for (const flag of members) lines.push('.TP', flagTerm(flag), flagText(flag));
  }
  return lines;
}

const exampleLines = (examples = []) =>
  examples.flatMap((example) => {
    const { description = '', command } = typeof example === 'string' ? { command: example } : example;
    return [...(description === '' ? [] : ['.PP', filled(description)]), '.PP', '.nf', '.RS', filled(command), '.RE', '.fi'];
  });
const seeAlso = (names) => [
  [...new Set(names)]
    .sort()
    .map((name) => `${bold(name)}(1)`)
    .join(',\n'),
];
const summaryOf = (id) => (commands[id] ?? { summary: oclif.topics[id]?.description ?? '' }).summary;
const synopsis = (id, { usage, flags }) =>
  []
    .concat(usage ?? `${id.replaceAll(':', ' ')}${Object.keys(flags).length > 0 ? ' [FLAGS]' : ''}`)
    .flatMap((line, at) => [...(at === 0 ? [] : ['.br']), `${bold('sipcap')} ${filled(line)}`]);

const ids = Object.keys(commands).sort();
const topics = [...new Set(ids.filter((id) => id.includes(':')).map((id) => id.split(':')[0]))];
const list = (entries) => entries.flatMap((id) => ['.TP', `${bold(pageOf(id))}(1)`, plain(`${summaryOf(id)}.`)]);
const membersOf = (topic) => ids.filter((id) => id.startsWith(`${topic}:`));
const pages = new Map();
for (const id of ids) {
  const command = commands[id];
  const topic = id.split(':')[0];
  const args = Object.values(command.args ?? {}).flatMap(({ name, description = '' }) => [
    '.TP',
    italic(name.toUpperCase()),
    plain(`${description}.`),
  ]);
  pages.set(
    pageOf(id),
    page(pageOf(id), command.summary, [
      ['SYNOPSIS', synopsis(id, command)],
      ['DESCRIPTION', [filled(`${command.description ?? command.summary}`)]],
      ['COMMANDS', id === topic ? list(membersOf(topic)) : []],
      ['ARGUMENTS', args],
      ['OPTIONS', flagLines(command.flags)],
      ['EXAMPLES', exampleLines(command.examples)],
      ['EXIT STATUS', ['See', `${bold('sipcap')}(1).`]],
      [
        'SEE ALSO',
        seeAlso([
          'sipcap',
          ...membersOf(topic)
            .map(pageOf)
            .filter((name) => name !== pageOf(id)),
          ...(id.includes(':') ? [pageOf(topic)] : []),
        ]),
      ],
    ]),
  );
}
for (const topic of topics.filter((each) => !ids.includes(each)))
  pages.set(
    pageOf(topic),
    page(pageOf(topic), summaryOf(topic), [
      ['SYNOPSIS', [`${bold(`sipcap ${topic}`)} ${italic('COMMAND')} [FLAGS]`]],
      ['DESCRIPTION', [plain(`${summaryOf(topic)}.`)]],
      ['COMMANDS', list(membersOf(topic))],
      ['SEE ALSO', seeAlso(['sipcap', ...membersOf(topic).map(pageOf)])],
    ]),
  );
pages.set(
  'sipcap',
  page('sipcap', 'capture, store, relay and show SIP', [
    ['SYNOPSIS', [`${bold('sipcap')} ${italic('COMMAND')} [FLAGS]`]],
    [
      'DESCRIPTION',
      [
        plain(
          `Captures SIP from interfaces, capture files and HEP (versions 1, 2 and 3), stores it in a database, relays it as HEP, and shows it.\nResults go to standard output, everything else to standard error.`,
        ),
      ],
    ],
    ['COMMANDS', list([...topics, ...ids.filter((id) => !id.includes(':') && !topics.includes(id))].sort())],
    ['EXIT STATUS', EXIT_STATUS.flatMap(([code, text]) => ['.TP', bold(code), plain(text)])],
    ['SEE ALSO', seeAlso([...topics, ...ids].map(pageOf))],
  ]),
);

mkdirSync('man', { recursive: true });
for (const file of readdirSync('man')) if (!pages.has(file.replace(/\.1$/, ''))) rmSync(`man/${file}`);
for (const [name, text] of pages) writeFileSync(`man/${name}.1`, text);

// npm install -g links those that are listed.
const manifest = readFileSync('package.json', 'utf8');
const listed = `${JSON.stringify({ ...JSON.parse(manifest), man: [...pages.keys()].sort().map((name) => `man/${name}.1`) }, null, 2)}\n`;
if (listed !== manifest) writeFileSync('package.json', listed);
