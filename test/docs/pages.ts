/** Commands, fenced blocks and links of README.md and docs/*.md. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../rigs/sipcap.js';

export interface Block {
  page: string;
  line: number;
  language: string;
  lines: string[];
}

export interface Command {
  place: string;
  words: string[];
}

/** A command of a block of console with what it prints; a line `...` stands for any lines. */
export interface Example {
  page: string;
  place: string;
  words: string[];
  output: string[];
}

export const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let block: Block | null = null;
  for (const [i, line] of textOf(page).split('\n').entries()) {
    if (!line.startsWith('```')) block?.lines.push(line);
    else if (block === null) block = { page, line: i + 1, language: line.slice(3), lines: [] };
    else {
      blocks.push(block);
      block = null;
    }
  }
  if (block !== null) throw new Error(`${page}: a block that is not closed`);
  return blocks;
}

/** The reason of a comment `<!-- not run: REASON -->` before the block; '' without one. */
export function reasonNotToRun({ page, line }: Block): string {
  const before = textOf(page)
    .split('\n')
    .slice(0, line - 1)
    .join('\n')
    .trimEnd();
  return /<!-- not run: ([^>]*) -->$/.exec(before)?.[1] ?? '';
}

/** Everything but fenced blocks. */
export function proseOf(page: string): string {
  return textOf(page)
    .split(/^```.*$/m)
    .filter((_part, i) => i % 2 === 0)
    .join('\n');
}

/** The words of a command line as a shell has them; operators (`|`, `>`, `&&`) are words of their own, a comment ends it. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [text] of line.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"|>&;\\])+|&&|[|>;&]+/g)) {
    if (text.startsWith('#')) break;
    words.push(text.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_all, single, double, escaped) => single ?? double ?? escaped));
  }
  return words;
}

/** The arguments of each `sipcap` in a command line: after a pipe, sudo or assignments, too. */
export function sipcapCommands(line: string, place: string): Command[] {
  const commands: string[][] = [[]];
  for (const word of shellWords(line)) {
    if (/^([|;&]+|&&)$/.test(word)) commands.push([]);
    else commands.at(-1)!.push(word);
  }
  return commands.flatMap((words) => {
    const at = words.findIndex((word) => word !== 'sudo' && !/^\w+=/.test(word));
    if (words[at] !== 'sipcap') return [];
    const redirected = words.indexOf('>');
    return [{ place, words: words.slice(at + 1, redirected < 0 ? undefined : redirected) }];
  });
}

export function examplesOf(page: string): Example[] {
  const examples: Example[] = [];
  for (const { language, line, lines } of blocksOf(page)) {
    if (language !== 'console') continue;
    for (const [i, text] of lines.entries()) {
      const place = `${page}:${line + 1 + i}`;
      if (text.startsWith('$ sipcap ')) examples.push({ page, place, words: shellWords(text.slice('$ sipcap '.length)), output: [] });
      else if (i === 0) throw new Error(`${place}: a block of console begins with '$ sipcap'`);
      else examples.at(-1)!.output.push(text);
    }
  }
  return examples;
}
