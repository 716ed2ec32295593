/** Columns and paragraphs of help. */

const MAX_COLUMNS = 110;
const PIPE_COLUMNS = 100;
const MIN_COLUMNS = 40;
/** Names longer than this are on a separate line. */
const MAX_NAME = 34;

export function helpWidth(columns: number | undefined): number {
  return Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, columns ?? PIPE_COLUMNS));
}

/** Wraps text to lines of at most this many columns; line breaks are kept. */
export function wrapped(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else line += (line === '' ? '' : ' ') + word;
    }
    return [...lines, line];
  });
}

/** Names on the left, descriptions on the right, indented by two. */
export function table(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= MAX_NAME));
  const right = Math.max(20, columns - width - 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrapped(text, right);
    const first = name.length > width ? [`  ${name}`] : [];
    return [...first, ...lines.map((line, i) => `  ${(i === 0 && first.length === 0 ? name : '').padEnd(width)}  ${line}`.trimEnd())];
  });
}
