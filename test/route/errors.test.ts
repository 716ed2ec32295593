/** Scripts with errors and the complete reports, one file for each topic. Sections: `=== caption`, the script, `--- said`, the text. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Diagnostics, formatDiagnostics } from '../../src/lib/route/diagnostics.js';
import { parseRoutes, parseScript } from '../../src/lib/route/parser.js';
import { Source } from '../../src/lib/route/source.js';

const folder = new URL('./errors/', import.meta.url);

describe.each(readdirSync(folder))('%s', (file) => {
  const sections = readFileSync(new URL(file, folder), 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const captionEnd = section.indexOf('\n');
      const [script, logged] = section.slice(captionEnd + 1).split('--- said\n');
      return { caption: section.slice(0, captionEnd), script, logged };
    });

  test.each(sections)('$caption', ({ caption, script, logged }) => {
    const source = new Source('x.cfg', script);
    const diagnostics = new Diagnostics();
    if (caption.startsWith('routes: ')) parseRoutes(source, diagnostics);
    else parseScript(source, diagnostics);
    expect(formatDiagnostics(source, diagnostics.list())).toBe(logged);
  });
});
