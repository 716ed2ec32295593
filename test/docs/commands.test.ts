/**
 * Commands of README.md and docs/*.md: all of them exist with all their flags, blocks of console print what they show, and
 * links lead somewhere.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { environment, root, temporaryFolder } from '../rigs/sipcap.js';
import { PAGES, blocksOf, examplesOf, proseOf, reasonNotToRun, sipcapCommands, textOf, type Example } from './pages.js';

interface Flag {
  name: string;
  char?: string;
  type: 'boolean' | 'option';
  options?: string[];
  multiple?: boolean;
  allowNo?: boolean;
}

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, { flags: Record<string, Flag>; examples?: string[] }>;
};
const TOPICS = ['exit-codes', 'signals', 'endpoints', 'filters'];

/** What is wrong with the arguments of `sipcap`; '' if nothing is. */
function problem(words: readonly string[]): string {
  if (words.length === 1 && /^(-h|--help|--version)$/.test(words[0])) return '';
  if (words[0] === 'help' && TOPICS.includes(words[1])) return '';
  // COMMAND stands for any.
  if (words[0] === 'COMMAND') return words.slice(1).every((word) => /^(-h|--help)$/.test(word)) ? '' : 'unknown flag';
  if (words.length === 1 && Object.keys(manifest.commands).some((id) => id.startsWith(`${words[0]}:`))) return '';
  const length = [3, 2, 1].find((count) => words.slice(0, count).join(':') in manifest.commands);
  if (length === undefined) return 'unknown command';
  const flags = Object.values(manifest.commands[words.slice(0, length).join(':')].flags);
  for (let i = length; i < words.length; i++) {
    const [, name, value] = /^(--?[^=]+)(?:=(.*))?$/.exec(words[i]) ?? [];
    if (name === undefined || name === '-' || /^(-h|--help|-t+)$/.test(name)) continue;
    const flag = flags.find((one) => name === `--${one.name}` || name === `-${one.char}` || (one.allowNo && name === `--no-${one.name}`));
    if (flag === undefined) return `unknown flag ${name}`;
    if (flag.type === 'boolean') continue;
    const given = value ?? words[++i];
    if (given === undefined) return `${name} needs a value`;
    // Several words of capitals or with a bar are a choice in prose: `full|short|none`.
    if (flag.options !== undefined && !given.split('|').every((one) => flag.options!.includes(one)))
      return `${name}: unknown value ${given}`;
  }
  return '';
}

const inBlocks = PAGES.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ line, lines }) => lines.flatMap((text, i) => sipcapCommands(text.replace(/^\$ /, ''), `${page}:${line + 1 + i}`))),
);
const inProse = PAGES.flatMap((page) =>
  [...proseOf(page).matchAll(/`((?:sudo )?sipcap [a-z][^`]*)`/g)].flatMap(([, text]) =>
    sipcapCommands(text.replaceAll('\\|', '|').replaceAll('\n', ' '), page),
  ),
);

/** Blocks that are indented are shown, not run. */
const indented = PAGES.flatMap((page) =>
  [...proseOf(page).matchAll(/^ {4,}((?:sudo )?sipcap [a-z].*)$/gm)].flatMap(([, text]) => sipcapCommands(text, page)),
);

describe('commands', () => {
  test('of blocks exist with all their flags', () => {
    expect(inBlocks.length).toBeGreaterThan(60);
    expect(inBlocks.map(({ place, words }) => ({ place, words, wrong: problem(words) })).filter(({ wrong }) => wrong !== '')).toEqual([]);
  });

  test('in the text exist with all their flags', () => {
    expect(inProse.length).toBeGreaterThan(20);
    expect(inProse.map(({ place, words }) => ({ place, words, wrong: problem(words) })).filter(({ wrong }) => wrong !== '')).toEqual([]);
  });

  test('of indented blocks exist with all their flags', () => {
    expect(indented.map(({ place, words }) => ({ place, words, wrong: problem(words) })).filter(({ wrong }) => wrong !== '')).toEqual([]);
  });

  // The others run in shell.long.test.ts.
  test('blocks that cannot run give a reason', () => {
    const blocks = PAGES.flatMap((page) => blocksOf(page).filter(({ language }) => language === 'sh'));
    expect([blocks.length, blocks.filter((block) => reasonNotToRun(block) !== '').length]).toEqual([40, 11]);
  });

  test('in the examples of help are lines of a shell, with flags that exist', () => {
    const examples = Object.entries(manifest.commands).flatMap(([id, command]) =>
      (command.examples ?? []).map((text) => ({ id, line: text.replaceAll('<%= config.bin %>', 'sipcap') })),
    );
    expect(examples.length).toBeGreaterThan(60);
    const syntax = spawnSync('bash', ['-n'], { input: examples.map(({ line }) => line).join('\n'), encoding: 'utf8' });
    expect(syntax).toMatchObject({ status: 0, stderr: '' });
    const wrong = examples.flatMap(({ id, line }) => sipcapCommands(line, id).map(({ words }) => [line, problem(words)]));
    expect(wrong.length).toBeGreaterThanOrEqual(examples.length);
    expect(wrong.filter(([, text]) => text !== '')).toEqual([]);
  });

  test('this test sees what does not exist', () => {
    expect(problem(['capture', 'miror'])).toBe('unknown command');
    expect(problem(['capture', 'mirror', '--formt', 'json'])).toBe('unknown flag --formt');
    expect(problem(['capture', 'mirror', '--format', 'xml'])).toBe('--format: unknown value xml');
    expect(problem(['capture', 'mirror', '-r', '-', '-w', '-'])).toBe('');
  });
});

/** Runs examples in one process: those of a page one after the other, in a folder of its own with the samples. */
async function run(examples: readonly Example[]): Promise<Map<string, string>> {
  const folder = temporaryFolder();
  const folders = examples.map(({ page }) => join(folder.path, page.replace('/', '-')));
  for (const path of new Set(folders)) cpSync(join(root, 'samples'), join(path, 'samples'), { recursive: true });
  const child = spawn(process.execPath, [join(root, 'test/rigs/command-lines.mjs')], {
    env: { ...environment, SIPCAP_DB: undefined, SIPCAP_CONFIG: '', TZ: 'UTC', NO_COLOR: undefined, FORCE_COLOR: undefined },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.end(JSON.stringify({ folders, lines: examples.map(({ words }) => words) }));
  await new Promise((done) => child.on('close', done));
  folder.remove();
  const answers = JSON.parse(out) as { stdout: string; stderr: string }[];
  return new Map(answers.map(({ stdout, stderr }, i) => [examples[i].place, stdout + stderr]));
}

/** Times of a run and sizes of files differ; blanks at the end of a line do not show. */
const comparable = (line: string) =>
  line
    .trimEnd()
    .replace(/^time .*/, 'time')
    .replaceAll(/ *\d+\.\d kB/g, ' SIZE');

function printed(output: string, expected: readonly string[]): string {
  const lines = output.trimEnd().split('\n').map(comparable);
  const pattern = expected.map(comparable).join('\n').trimEnd();
  const parts = `\n${pattern}\n`.split(/(?<=\n)\.\.\.(?=\n)/);
  const text = `\n${lines.join('\n')}\n`;
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const found = i === 0 ? (text.startsWith(part) ? 0 : -1) : i === parts.length - 1 ? text.lastIndexOf(part) : text.indexOf(part, at);
    if (found < at) return `${text}\n--- has not, at this place:\n${part}`;
    // The end of one line is the beginning of the next.
    at = found + part.length - 1;
  }
  return at + 1 === text.length ? '' : `${text}\n--- has more lines than\n${pattern}`;
}

describe('blocks of console print what they show', () => {
  const pages = PAGES.map((page) => ({ page, examples: examplesOf(page) })).filter(({ examples }) => examples.length > 0);
  let outputs: Map<string, string>;
  beforeAll(async () => {
    outputs = await run(pages.flatMap(({ examples }) => examples));
  }, 90_000);

  test('use samples, and files that they wrote', () => {
    const foreign = pages.flatMap(({ examples }) => {
      const written = examples.flatMap(({ words }) => words.filter((_word, i) => words[i - 1] === '-w'));
      const files = examples.flatMap(({ words }) => words.filter((word) => /\.(pcap|hep|ya?ml|cfg|route)$/.test(word)));
      return files.filter((name) => !written.includes(name) && !(name.startsWith('samples/') && existsSync(join(root, name))));
    });
    expect(foreign).toEqual([]);
  });

  test.each(pages.map(({ page, examples }) => [page, examples] as const))('%s', (_page, examples) => {
    const wrong = examples.map(({ place, words, output }) => ({ place, words, differs: printed(outputs.get(place)!, output) }));
    expect(wrong.filter(({ differs }) => differs !== '')).toEqual([]);
  });

  test('this test sees lines that differ', () => {
    expect(printed('a\nb\nc\n', ['a', '...', 'c'])).toBe('');
    expect(printed('a\nb\nc\n', ['...'])).toBe('');
    expect(printed('a\nb\nc\n', ['a', '...'])).toBe('');
    expect(printed('a\nb\nc\n', ['a', 'b'])).not.toBe('');
    expect(printed('a\nb\nc\n', ['...', 'd', '...'])).not.toBe('');
    expect(printed('a\nb\nc\n', ['a', '...', 'b'])).not.toBe('');
    expect(printed('', [])).toBe('');
  });
});

describe('links', () => {
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const anchors = (page: string) => [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
  const pages = [...PAGES, 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

  test.each(pages)('of %s lead somewhere', (page) => {
    const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target));
    const broken = targets.filter((target) => {
      const [path, name] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      return !existsSync(join(root, file)) || (name !== undefined && !anchors(file).includes(name));
    });
    expect(broken).toEqual([]);
  });

  test('docs/README.md names every page', () => {
    const index = textOf('docs/README.md');
    expect(PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !index.includes(`](${page.slice(5)})`))).toEqual(
      [],
    );
  });

  test('README.md has at most 160 lines', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(160);
  });
});
