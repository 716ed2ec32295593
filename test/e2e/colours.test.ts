/** Colours: --color goes before NO_COLOR, NO_COLOR before FORCE_COLOR, and that before whether there is a terminal. */
import { afterAll, expect, test } from '@jest/globals';
import { closeTerminals, hasTerminal, onTerminal } from '../rigs/terminal.js';
import { sipcap } from '../rigs/sipcap.js';

afterAll(closeTerminals);

const ESCAPE = '\u001b[';
const LINES = ['capture', 'mirror', 'samples/sample.pcap', '-c', '2', '--summary', 'none'];
const CALLS = ['call', 'list', 'samples/sample.pcap'];
const LADDER = ['call', 'show', 'b486@192.0.2.10', '-r', 'samples/sample.pcap'];
const always = ['--color', 'always'];
const never = ['--color', 'never'];

const IN_PIPE: [args: string[], env: Record<string, string>, coloured: boolean][] = [
  [LINES, {}, false],
  [LINES, { FORCE_COLOR: '1' }, true],
  [LINES, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [[...LINES, ...always], { NO_COLOR: '1', FORCE_COLOR: '0' }, true],
  [[...LINES, ...never], { FORCE_COLOR: '1' }, false],
  [[...CALLS, ...always], {}, true],
  [[...LADDER, ...always], {}, true],
];

const ON_TERMINAL: typeof IN_PIPE = [
  [[...LINES, '--color', 'auto'], {}, true],
  [LINES, { NO_COLOR: '1' }, false],
  // https://no-color.org: an empty one does not count.
  [LINES, { NO_COLOR: '' }, true],
  [LINES, { FORCE_COLOR: '0' }, false],
  [[...LINES, ...never], {}, false],
];

test.each(IN_PIPE)('in a pipe: %j %j', async (args, env, coloured) => {
  const { code, stdout, stderr } = await sipcap(args, { env });
  expect([code, stdout.includes(ESCAPE), stderr]).toEqual([0, coloured, '']);
});

(hasTerminal ? test : test.skip).each(ON_TERMINAL)('on a terminal: %j %j', async (args, env, coloured) => {
  const terminal = onTerminal(args, {}, { SIPCAP_CONFIG: '', ...env });
  const { code } = await terminal.ended;
  expect([code, terminal.printed().includes(ESCAPE)]).toEqual([0, coloured]);
});
