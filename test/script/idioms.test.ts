/** Scripts of one idiom each, written after the documentation of OpenSIPS and scripts that people publish: which load, and what is reported for the others. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settingsFromText } from '../../src/lib/config/load.js';
import { checkRoutes } from '../../src/lib/script/check-routes.js';

const NODE = `socket=hep_udp:127.0.0.1:9060
loadmodule "proto_hep.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "sqlite:calls.db")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
`;

const IDIOMS = readFileSync(new URL('idioms.txt', import.meta.url), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((section) => {
    const [head, answer] = section.split('\n---\n');
    const [caption, ...lines] = head.split('\n');
    const [name, whole] = caption.split(' ');
    return {
      name,
      text: `${whole === undefined ? NODE : ''}${lines.join('\n')}\n`,
      errors: answer.split('\n').filter((line) => line !== ''),
    };
  });

test.each(IDIOMS)('$name', ({ text, errors }) => {
  const { report, errors: count } = settingsFromText(text, { file: 'node.cfg', environment: {}, flags: [], checkRoutes });
  const lines = report.split('\n').filter((line) => /^node\.cfg:\d+:\d+: (?!note: |warning: )/.test(line));
  const shown = lines.map((line, i) => {
    const text = line.slice('node.cfg:'.length);
    return errors[i]?.endsWith(' ...') ? text.replace(/^(\d+:\d+: ).*/, '$1...') : text;
  });
  expect(shown).toEqual(errors);
  expect(count).toBe(errors.length);
});

test('how many load', () => {
  expect(`${IDIOMS.filter(({ errors }) => errors.length === 0).length} of ${IDIOMS.length}`).toBe('216 of 258');
});
