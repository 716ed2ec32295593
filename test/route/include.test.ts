/** include_file and import_file: other files replace the line; positions are those of the files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { plainFiles } from '../../src/lib/base/index.js';
import { Diagnostics, Source, compile, formatDiagnostics, includeReader, parseScript, withIncludes } from '../../src/lib/route/index.js';
import { HEP_CHUNKS } from '../../src/lib/script/route-chunks.js';
import { temporaryFolder } from '../rigs/sipcap.js';
import { Recording } from './recording.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);

function loaded(text: string, folders: readonly string[] = []) {
  const { source, errors } = withIncludes(new Source(at('main.cfg'), text), includeReader(at('main.cfg'), folders, plainFiles));
  const diagnostics = new Diagnostics();
  for (const { place, message } of errors) diagnostics.error(place, message);
  const script = parseScript(source, diagnostics);
  const program = compile(script, { vocabulary: HEP_CHUNKS, diagnostics, scriptVersion: null });
  return { program, text: formatDiagnostics(source, diagnostics.list()).replaceAll(`${folder.path}/`, '') };
}

test('an included file replaces the line, also nested', () => {
  writeFileSync(at('a.cfg'), '# a\ninclude_file "b.cfg"; # and more\nroute[a] { route(b); xlog("$cfg_file:$cfg_line"); }');
  writeFileSync(at('b.cfg'), 'route[b] { xlog("b"); }\n');
  const { program, text } = loaded(
    'route { route(a); xlog("$cfg_line"); }\n  include_file "a.cfg"\nimport_file \'none.cfg\'\nonreply_route { exit; }\n',
  );
  expect(text).toBe('');
  const context = new Recording();
  program!.run(program!.route('route')!, context);
  expect(context.logged).toEqual(['log -1 b', `log -1 ${at('a.cfg')}:3`, 'log -1 1']);
});

test('errors have their position in the included file', () => {
  writeFileSync(at('bad.cfg'), '\nroute[b] { nothing(); }\n');
  expect(loaded('include_file "bad.cfg"\nroute {\n  route(b); $x = 1; }\n').text).toBe(
    [
      'bad.cfg:2:12: unknown function nothing()',
      '    route[b] { nothing(); }',
      '               ^^^^^^^',
      '    note: use --unknown-functions skip (or set unknown_functions: skip) to skip functions of other OpenSIPS modules',
      'main.cfg:3:13: unknown variable $x',
      '      route(b); $x = 1; }',
      '                ^^',
      '',
    ].join('\n'),
  );
});

test('include_file in a comment is ignored', () => {
  const text = `route { exit; }
/* old:
  /* nested */
include_file "none.cfg"
*/ # a /* in another comment, and "/*" in a string
include_file "there.cfg"
route[s] { xlog("/*"); }
include_file "there2.cfg"
`;
  writeFileSync(at('there.cfg'), 'route[t] { exit; }\n');
  writeFileSync(at('there2.cfg'), '# /*\nroute[u] { exit; }\n');
  const { text: report } = loaded(text);
  expect(report).not.toContain('none.cfg');
  expect(report).toContain('note: route[t] is never run here');
  expect(report).toContain('note: route[u] is never run here');
});

test('a file in a subfolder finds the files beside it', () => {
  mkdirSync(at('parts'));
  writeFileSync(at('parts/one.cfg'), 'include_file "two.cfg"\n');
  writeFileSync(at('parts/two.cfg'), 'route { exit; }\n');
  expect(loaded('include_file "parts/one.cfg"\n').text).toBe('');
});

test('files that cannot or must not be included', () => {
  mkdirSync(at('folder'));
  mkdirSync(at('more'));
  writeFileSync(at('more/extra.cfg'), 'route { exit; }\n');
  writeFileSync(at('self.cfg'), 'include_file "self.cfg"\n');
  const error = (text: string) =>
    loaded(`${text}\nroute[x] { exit; }\n`)
      .text.split('\n')
      .filter((line) => !/note:|^ /.test(line));
  expect(error('include_file "none.cfg"')).toEqual(['main.cfg:1:1: cannot read none.cfg: no such file', '']);
  expect(error('import_file "folder"')).toEqual(['main.cfg:1:1: import_file "folder": is a folder', '']);
  expect(error('include_file "/etc/passwd"')).toEqual(['main.cfg:1:1: include_file "/etc/passwd": not in the folder of the script', '']);
  expect(error('include_file "../x.cfg"')).toEqual(['main.cfg:1:1: include_file "../x.cfg": not in the folder of the script', '']);
  expect(error('include_file "self.cfg"').join()).toContain(`${folder.path}/self.cfg includes itself`.replace(`${folder.path}/`, ''));
  expect(error('route { include_file "a.cfg"; }').join()).not.toBe('');
  expect(loaded('include_file "extra.cfg"\n', [at('more')]).text).toBe('');
});

test('an include line without effect is shown as written', () => {
  const text = '  include_file "gone.cfg"\nroute { exit; }\nimport_file "main.cfg"\n';
  writeFileSync(at('main.cfg'), text);
  expect(loaded(text).text).toBe(
    [
      'main.cfg:1:3: cannot read gone.cfg: no such file',
      '      include_file "gone.cfg"',
      '      ^^^^^^^^^^^^^^^^^^^^^^^',
      'main.cfg:3:1: main.cfg includes itself',
      '    import_file "main.cfg"',
      '    ^^^^^^^^^^^^^^^^^^^^^^',
      '',
    ].join('\n'),
  );
});

test('only regular files are included, and no links out of the folder', () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside.path, 'secret'), 'secret = 1\n');
  symlinkSync(join(outside.path, 'secret'), at('link.cfg'));
  symlinkSync(outside.path, at('linked'));
  execFileSync('mkfifo', [at('pipe.cfg')]);
  mkdirSync(at('folder.cfg'));
  const reasonOf = (path: string) => loaded(`include_file "${path}"\nroute { exit; }\n`).text.split('\n')[0];
  expect(['link.cfg', 'linked/secret', 'pipe.cfg', 'folder.cfg'].map(reasonOf)).toEqual([
    'main.cfg:1:1: include_file "link.cfg": not in the folder of the script',
    'main.cfg:1:1: include_file "linked/secret": not in the folder of the script',
    'main.cfg:1:1: include_file "pipe.cfg": is not a file',
    'main.cfg:1:1: include_file "folder.cfg": is a folder',
  ]);
  expect(loaded('include_file "linked/secret"\nroute { exit; }\n', [outside.path]).text).toBe('');
  outside.remove();
});
