/** An unknown command: the nearest one, or where they are listed; exit code 2. */
import type { Hook } from '@oclif/core';
import { EXIT_USAGE, escapedLine, nearestWord } from '../lib/base/index.js';

const hook: Hook.CommandNotFound = async function suggest({ id, config }) {
  const words = id.split(':');
  const { bin } = config;
  const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)].map((name) => name.replaceAll(':', ' '));
  // The words after a command may be its arguments.
  const given = words.map((_, i) => words.slice(0, words.length - i).join(' '));
  const near = given.map((text) => nearestWord(text, names)).find((name) => name !== '') ?? '';
  const topic = given.find((text) => names.includes(text)) ?? '';
  const command = given.find((text) => config.findCommand(text.replaceAll(' ', ':')) !== undefined);
  process.stderr.write(`${bin}: ${escapedLine(problem(bin, given[0], { near, topic, command }))}\n`);
  process.exit(EXIT_USAGE);
};

export default hook;

/** `topic` and `command`: the known part of the words. */
function problem(bin: string, given: string, { near, topic, command }: { near: string; topic: string; command?: string }): string {
  if (command !== undefined) return `unexpected argument '${given.slice(command.length + 1)}': '${bin} ${command}' takes flags only`;
  const isFlag = given.startsWith('-');
  const hint =
    isFlag || near === '' || near === topic
      ? `'${bin}${topic === '' ? '' : ` ${topic}`} --help' lists the commands`
      : `did you mean '${bin} ${near}'?`;
  return `unknown ${isFlag ? 'flag' : 'command'} '${given}': ${hint}`;
}
