/**
 * Scripts of one idiom each, written after the documentation of OpenSIPS and scripts that people publish: which load, what is
 * reported for the others, and that those that load are the same as YAML.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { convertFile } from '../../src/lib/config/index.js';
import { settingsFromText, type LoadedSettings } from '../../src/lib/config/load.js';
import { shownSettings } from '../../src/lib/config/show.js';
import { Diagnostics, Source, compile, parseScript } from '../../src/lib/route/index.js';
import { checkRoutes } from '../../src/lib/script/check-routes.js';
import { ExplainRecord } from '../../src/lib/script/explain-record.js';
import { HEP_CHUNKS } from '../../src/lib/script/route-chunks.js';
import { Recording } from '../route/recording.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const NODE = `socket=hep_udp:127.0.0.1:9060
loadmodule "proto_hep.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "sqlite:calls.db")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
`;

const folder = temporaryFolder();
afterAll(() => folder.remove());

function loaded(file: string, text: string, unknownFunctions?: string): LoadedSettings {
  const flags = unknownFunctions === undefined ? [] : [{ name: 'flag', path: 'unknown_functions', value: unknownFunctions }];
  return settingsFromText(text, { file, environment: {}, flags, checkRoutes });
}

/** The errors of a script, without its name. */
function errorsOf(text: string): { lines: string[]; count: number } {
  const { report, errors } = loaded('node.cfg', text);
  const lines = report.split('\n').filter((line) => /^node\.cfg:\d+:\d+: (?!note: |warning: )/.test(line));
  return { lines: lines.map((line) => line.slice('node.cfg:'.length)), count: errors };
}

/** What a script and the YAML made of it come to. */
function bothWays(text: string): unknown[] {
  const file = join(folder.path, 'node.cfg');
  writeFileSync(file, text);
  const { yaml, report } = convertFile(file);
  rmSync(file);
  expect(report).toBe('');
  const as = (name: string, of: string) => {
    const { values, draft, script, errors, report: found } = loaded(name, of);
    if (errors > 0) throw new Error(found + of);
    return {
      shown: shownSettings(values!, draft)
        .filter(({ path }) => path !== 'route')
        .map(({ path, value }) => [path, value]),
      routes: script?.routes.map(({ kind, name: of, body }) => [kind, of, script.source.text.slice(body.place.from, body.place.to)]) ?? [],
    };
  };
  return [as(file, text), as(join(folder.path, 'node.yaml'), yaml)];
}

interface Idiom {
  name: string;
  text: string;
  errors: string[];
}

const IDIOMS: Idiom[] = readFileSync(new URL('idioms.txt', import.meta.url), 'utf8')
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

const DOCUMENTED: Idiom[] = readFileSync(new URL('documented.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name, error] = line.split(' => ');
    const isOutside = name.startsWith('top ');
    return {
      name,
      text: isOutside ? `${NODE}${name.slice(4)}\nroute { sip_capture(); }\n` : `${NODE}route {\n${name}\nsip_capture();\n}\n`,
      errors: error === undefined ? [] : [error],
    };
  });

const LOADING = [...IDIOMS, ...DOCUMENTED].filter(({ errors }) => errors.length === 0);

describe('as published', () => {
  test.each(IDIOMS)('$name', ({ text, errors }) => {
    const { lines, count } = errorsOf(text);
    expect(lines.map((line, i) => (errors[i]?.endsWith(' ...') ? line.replace(/^(\d+:\d+: ).*/, '$1...') : line))).toEqual(errors);
    expect(count).toBe(errors.length);
  });
});

describe('as documented', () => {
  test.each(DOCUMENTED)('$name', ({ text, errors }) => {
    const { lines } = errorsOf(text);
    expect(lines.map((line) => line.replace(/^\d+:\d+: /, ''))).toEqual(errors);
  });
});

/** Why an idiom does not load: each that does not has its reason here. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\(OpenSIPS module (?!core)/, 'a function of a module that answers, routes or changes calls, or asks another server'],
  [/\(OpenSIPS module core/, 'a function of the core that sends or keeps what a capture node does not have'],
  [/^unknown variable \$(Rpt|Ti|dst_ip|from|rsi|src_ip|via|xavp)$/, 'OpenSIPS does not have the variable'],
  [/^unknown variable \$(tls_peer_subject|tls_peer_subject_cn|xml)$/, 'a variable of a module that a capture node does not load'],
  [
    /^(unknown transformation \{s\.nosuch\}|unknown function perform_action\(\)|expected '=', found '\+')$/,
    'OpenSIPS does not have it either',
  ],
  [/^\$(stat|time) requires an argument$/, 'OpenSIPS asks for the argument too'],
  [/^(cannot read \S+: no such file|unknown route '\S+')$/, 'it names what the script does not have; OpenSIPS does not start either'],
  [/^\$ci cannot be set$/, 'OpenSIPS cannot set it either'],
  [/^unknown transformation \{ip\.resolve\}$/, 'names are not looked up'],
  [/^unknown cache /, 'only the local cache'],
  [/^unexpected 'max_len'$/, 'no limit of message length to compare with'],
];

/** Those whose error depends on the settings, by name. */
const OF_SETTINGS: Record<string, string> = {
  db_text: 'a database that is not written to',
  listen_noport: "the port of the socket is another one's",
  socket_noport: "the port of the socket is another one's",
  unknown_sc: "OpenSIPS' sipcapture does not have the parameter",
};

function reasonOf({ name, errors }: Idiom): string | undefined {
  const error = errors[0].replace(/^\d+:\d+: /, '');
  return OF_SETTINGS[name] ?? REASONS.find(([pattern]) => pattern.test(error))?.[1];
}

test('every script that does not load has a reason', () => {
  const counts: Record<string, number> = {};
  for (const idiom of [...IDIOMS, ...DOCUMENTED].filter(({ errors }) => errors.length > 0)) {
    const reason = reasonOf(idiom) ?? `none: ${idiom.name}: ${idiom.errors[0]}`;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  expect(counts).toEqual({
    'a function of a module that answers, routes or changes calls, or asks another server': 27,
    'a function of the core that sends or keeps what a capture node does not have': 13,
    'OpenSIPS does not have the variable': 8,
    'a variable of a module that a capture node does not load': 3,
    'OpenSIPS does not have it either': 3,
    'OpenSIPS asks for the argument too': 2,
    'it names what the script does not have; OpenSIPS does not start either': 4,
    'OpenSIPS cannot set it either': 1,
    "OpenSIPS' sipcapture does not have the parameter": 1,
    "the port of the socket is another one's": 2,
    'a database that is not written to': 1,
    'names are not looked up': 1,
    'only the local cache': 1,
    'no limit of message length to compare with': 1,
  });
});

test('the number of scripts that load', () => {
  const count = (idioms: Idiom[]) => `${idioms.filter(({ errors }) => errors.length === 0).length} of ${idioms.length}`;
  const skipping = [...IDIOMS, ...DOCUMENTED].filter(
    ({ text, errors }) => errors.length > 0 && loaded('node.cfg', text, 'skip').errors === 0,
  );
  expect([count(IDIOMS), count(DOCUMENTED), `${skipping.length} more with functions skipped`]).toEqual([
    '218 of 258',
    '517 of 545',
    '41 more with functions skipped',
  ]);
});

test('route explain runs every script that loads', () => {
  for (const { text } of LOADING.filter((one) => !one.text.includes('_file'))) {
    const diagnostics = new Diagnostics();
    const script = parseScript(new Source('node.cfg', text), diagnostics);
    const record = new ExplainRecord();
    const program = compile(script, { vocabulary: HEP_CHUNKS, diagnostics, scriptVersion: null, trace: record })!;
    record.read(script);
    const route = program.route('route');
    if (route === null) continue;
    record.begin();
    program.run(route, new Recording());
    const steps = record.steps.filter((step) => !('route' in step));
    expect(steps.length > 0 || !/route\s*\{\s*[^\s;}]/.test(text)).toBe(true);
  }
});

/** Those that are one main route each become routes of one script. */
function together(idioms: Idiom[]): string[] {
  const routes = idioms.filter(({ text }) => text.startsWith(`${NODE}route {`) && text.match(/route/g)!.length === 1);
  const others = idioms.filter((one) => !routes.includes(one));
  const bodies = routes.map(({ text }, i) => text.slice(NODE.length).replace('route {', `route[r${i}] {`));
  return [`${NODE}${bodies.join('\n')}\nroute { ${bodies.map((_, i) => `route(r${i});`).join(' ')} }\n`, ...others.map(({ text }) => text)];
}

test('every script that loads is equivalent to YAML', () => {
  const scripts = together(LOADING);
  expect(scripts.length).toBeLessThan(150);
  for (const text of scripts) {
    const [script, yaml] = bothWays(text);
    expect(yaml).toEqual(script);
  }
});
