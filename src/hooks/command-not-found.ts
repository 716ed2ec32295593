/** An unknown command: the nearest one, or where they are listed; exit code 2. */
import type { Hook } from '@oclif/core';
import { EXIT_USAGE, escapedLine, nearestWord } from '../lib/base/index.js';

const hook: Hook.CommandNotFound = async function suggest({ id, config }) {
  const words = id.split(':');
  const { bin } = config;
  const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)].map((name) => name.replaceAll(':', ' '));
  // What follows a command may be its arguments.
  const given = words.map((_, i) => words.slice(0, words.length - i).join(' '));
  const near = given.map((text) => nearestWord(text, names)).find((name) => name !== '') ?? '';
  const topic = given.find((text) => names.includes(text)) ?? '';
  const isFlag = given[0].startsWith('-');
  const hint =
    isFlag || near === '' || near === topic
      ? `'${bin}${topic === '' ? '' : ` ${topic}`} --help' lists the commands`
      : `did you mean '${bin} ${near}'?`;
  process.stderr.write(`${bin}: unknown ${isFlag ? 'flag' : 'command'} '${escapedLine(given[0])}': ${hint}\n`);
  process.exit(EXIT_USAGE);
};

export default hook;
