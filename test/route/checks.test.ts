/** Errors in syntactically valid scripts, reported at load: complete texts for each script, all errors at once. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { compiled } from './recording.js';

const folder = new URL('./checks/', import.meta.url);

/** Sections of a file: `=== caption`, the script, `--- said`, the text. */
function sectionsOf(file: string) {
  return readFileSync(new URL(file, folder), 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const captionEnd = section.indexOf('\n');
      const [script, logged] = section.slice(captionEnd + 1).split('--- said\n');
      return { caption: section.slice(0, captionEnd), script, logged };
    });
}

describe.each(readdirSync(folder))('%s', (file) => {
  test.each(sectionsOf(file))('$caption', ({ script, logged }) => {
    const { program, text } = compiled(script, { hepRoute: 'hep' });
    expect(text).toBe(logged);
    expect(program === null).toBe(/^s\.cfg:\d+:\d+: (?!warning|note)/m.test(logged));
  });
});
