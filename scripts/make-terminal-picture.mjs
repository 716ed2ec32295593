// Makes docs/terminal.svg: what two commands print for the sample, as text on a dark terminal. Needs the build.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const COMMANDS = [
  'capture mirror samples/sample.pcap --call-id c1f0@192.0.2.10',
  'call show c1f0@192.0.2.10 -r samples/sample.pcap --width 112',
];
const CELL = { width: 7.25, height: 17 };
const MARGIN = 16;
const ESCAPE = '\u001b';
const STYLE = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');
const RUN = new RegExp(`${ESCAPE}\\[([\\d;]*)m|([^${ESCAPE}]+)`, 'g');
const COLOURS = {
  30: '#6e7681',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function output(command) {
  const text = execFileSync(process.execPath, ['bin/run.js', ...command.split(' '), '--color', 'always'], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', SIPCAP_DB: '', SIPCAP_CONFIG: '', NO_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.trimEnd().split('\n');
}

/** Runs of text with one style each. */
function* runs(line) {
  let style = {};
  let column = 0;
  for (const [, sgr, text] of line.matchAll(RUN)) {
    if (text !== undefined) {
      yield { column, text, ...style };
      column += [...text].length;
      continue;
    }
    for (const code of sgr.split(';').map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style.isBold = true;
      else if (code === 2) style.isDim = true;
      else if (code === 22) style = { colour: style.colour };
      else if (code === 39) style.colour = undefined;
      else if (COLOURS[code] !== undefined) style.colour = COLOURS[code];
    }
  }
}

const lines = COMMANDS.flatMap((command, i) => [
  ...(i > 0 ? [''] : []),
  `\x1b[32m$\x1b[0m \x1b[1msipcap ${command}\x1b[0m`,
  ...output(command),
]);
const columns = Math.max(...lines.map((line) => [...line.replaceAll(STYLE, '')].length));
const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
const height = lines.length * CELL.height + 2 * MARGIN;
const place = (number) => Number(number.toFixed(2));

/** Words with single blanks between them; wider gaps are places, as SVG folds blanks. */
function* chunks(run) {
  for (const { index, 0: text } of run.text.matchAll(/\S+(?: \S+)*/g))
    yield { ...run, text, column: run.column + [...run.text.slice(0, index)].length };
}

const texts = lines.flatMap((line, row) =>
  [...runs(line)]
    .flatMap((run) => [...chunks(run)])
    .map(({ column, text, colour, isBold, isDim }) => {
      // The width is given, so that any font keeps the columns.
      const attributes = [
        `x="${place(MARGIN + column * CELL.width)}"`,
        `y="${MARGIN + row * CELL.height + 13}"`,
        `textLength="${place([...text].length * CELL.width)}"`,
        ...(colour === undefined ? [] : [`fill="${colour}"`]),
        ...(isBold ? ['font-weight="bold"'] : []),
        ...(isDim ? ['opacity="0.6"'] : []),
      ];
      return `<text ${attributes.join(' ')}>${escaped(text)}</text>`;
    }),
);
writeFileSync(
  'docs/terminal.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>sipcap in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12" fill="#e6edf3">
${texts.join('\n')}
</g>
</svg>
`,
);
