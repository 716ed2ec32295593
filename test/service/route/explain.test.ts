/** `route check` and `route explain`: reports on scripts, and on each message that runs through one. */
import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { silentLog, systemClock } from '../../../src/lib/base/index.js';
import { routeCheck } from '../../../src/lib/service/route/check.js';
import { routeExplain, type RouteExplainOptions } from '../../../src/lib/service/route/explain.js';
import { temporaryFolder } from '../../rigs/sipcap.js';
import { plain } from '../../rigs/hep-packets.js';
import { INVITE, RINGING } from '../../route/recording.js';

let folder: { path: string; remove(): void };
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

function written(name: string, content: string | Buffer): string {
  const path = `${folder.path}/${name}`;
  writeFileSync(path, content);
  return path;
}

function surroundings() {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough({ highWaterMark: 1_000_000 }), stderr: new PassThrough() };
  const env = { ...streams, clock: { ...systemClock, now: () => Date.UTC(2026, 3, 13) * 1000 }, log: silentLog, colour: false };
  const text = (stream: PassThrough) => ((stream.read() as Buffer | null)?.toString('utf8') ?? '').replaceAll(folder.path, '/x');
  return { env, out: () => text(streams.stdout), logged: () => text(streams.stderr) };
}

async function checked(name: string, text: string, hepRoute = '', scriptVersion: '' | '2' | '3' = ''): Promise<string> {
  const { env, out, logged } = surroundings();
  const code = await routeCheck({ file: written(name, text), hepRoute, scriptVersion, environment: {} }, env);
  return `${code}\n${logged()}${out()}`;
}

async function explained(script: string, packets: Buffer[], more: Partial<RouteExplainOptions> = {}): Promise<string> {
  const { env, out, logged } = surroundings();
  const hep = [written('packets.hep', Buffer.concat(packets))];
  const code = await routeExplain(
    {
      file: written('a.route', script),
      hepRoute: '',
      scriptVersion: '',
      environment: {},
      hep,
      captures: [],
      count: 0,
      format: 'text',
      ...more,
    },
    env,
  );
  return `${code}\n${logged()}${out()}`;
}

describe('route check', () => {
  test('routes alone', async () => {
    expect(await checked('a.route', 'sip_capture(); route(x); route[x] { exit; } onreply_route { drop; }')).toBe(
      '0\n/x/a.route: OK (route, route[x], onreply_route)\n',
    );
  });

  test('all errors at once', async () => {
    expect(await checked('a.route', 'route {\n  sip_captur();\n  xlog("$vr(x)");\n}\nroute[lost] { exit; }\n')).toBe(`2
/x/a.route:2:3: unknown function sip_captur()
      sip_captur();
      ^^^^^^^^^^
    note: did you mean 'sip_capture'?
/x/a.route:3:9: unknown variable $vr
      xlog("$vr(x)");
            ^^^^^^
/x/a.route:5:1: note: route[lost] is never run here: no route that runs calls it
    route[lost] { exit; }
    ^^^^^^^^^^^
    note: write route(lost) where it belongs, or set hep_route to its name
2 errors in /x/a.route
`);
  });

  test('a script declares the route for HEP, and its version', async () => {
    const script = 'modparam("sipcapture", "hep_route", "first")\nroute[first] { report_capture("a", "b", "5"); }\n';
    expect(await checked('a.cfg', script)).toMatch(/a\.cfg:2:16: .*report_capture\(\).*\n(.*\n)*.*script_version/);
    expect(await checked('a.cfg', `script_version=2\n${script}`)).toBe('0\n/x/a.cfg: OK (route[first])\n');
    expect(await checked('a.cfg', script, '', '3')).toBe('0\n/x/a.cfg: OK (route[first])\n');
    expect(await checked('a.cfg', script, 'other', '2')).toContain('/x/a.cfg:1:37: unknown route[other] in hep_route');
    expect(await checked('a.cfg', 'script_version=seven\nroute { exit; }')).toContain("1:16: invalid script_version 'seven'");
  });

  test('a configuration file', async () => {
    expect(await checked('a.yaml', 'db_url: sqlite:x.db\nsocket: hep_udp:127.0.0.1\nroute: |\n  route { sip_capture(); }\n')).toContain(
      '0\n/x/a.yaml: OK (route)\n',
    );
    expect(await checked('a.yaml', 'db_url: sqlite:x.db\nsocket: hep_udp:127.0.0.1\nroute: |\n  route { sip_captured(); }\n')).toContain(
      '/x/a.yaml:4:11: unknown function sip_captured()',
    );
    expect(await checked('a.yaml', 'db_url: sqlite:x.db\nsocket: hep_udp:127.0.0.1\n')).toContain('no routes found');
  });

  test('a script without routes, and a missing file', async () => {
    expect(await checked('a.route', '# nothing\n')).toContain('no routes found');
    await expect(
      routeCheck({ file: `${folder.path}/none`, hepRoute: '', scriptVersion: '', environment: {} }, surroundings().env),
    ).rejects.toThrow('no such file');
  });
});

describe('route explain', () => {
  const script = `route {
  if (is_method("REGISTER")) {
    drop;
  }
  $var(n) = 0;
  while ($var(n) < 2)
    $var(n) += 1;
  hep_set("uint32", "31", "3", "132");
  hep_get("32", "$var(v)", "$var(d)");
  $du = "sip:127.0.0.1";
  route(send);
}
route[send] {
  if (!hep_relay()) exit;
  return 5;
}
onreply_route { async(sip_capture("calls_%m_%d", , "$ua"), after); }
route[after] { xlog("$rs: $rc\\n"); }
`;
  test('the environment, statistics, the cache, and skipped functions', async () => {
    const route = 'route { update_stat("n", 2); cache_store("local", "k", "v"); t_relay(); xlog("$env(HOME) $stat(n) $env(NONE)"); }';
    const text = await explained(route, [plain({ 15: INVITE })], { environment: { HOME: '/home/sip' }, unknownFunctions: 'skip' });
    expect(text).toContain('logs: /home/sip 2 <null>\n');
    expect(text).toContain('t_relay() skipped: not available here');
  });

  test('statements, values, return codes, errors, and the result', async () => {
    expect(await explained(script, [plain({ 15: INVITE }), plain({ 15: INVITE.replaceAll('INVITE', 'REGISTER') })])).toBe(`0
#1  2023-11-14 22:13:20.123456        127.1.1.1:5060 → 127.1.1.2:5080        UDP  INVITE                 alice@a.example → bob@b.example      call-1
     HEP version 3
     route
     2  if (is_method("REGISTER"))                                false (is_method() -1)
     5  $var(n) = 0
          $var(n) becomes 0
     6  while ($var(n) < 2)                                       true
          $var(n) is 0
     7  $var(n) += 1
          $var(n) is 0
          $var(n) becomes 1
     6  $var(n) < 2                                               true
          $var(n) is 1
     7  $var(n) += 1
          $var(n) is 1
          $var(n) becomes 2
     6  $var(n) < 2                                               false
          $var(n) is 2
     8  hep_set("uint32", "31", "3", "132")                       1
     9  hep_get("32", "$var(v)", "$var(d)")                       -1
          $var(d) becomes null
          $var(v) becomes null
    10  $du = "sip:127.0.0.1"
          $du becomes "sip:127.0.0.1"
    11  route(send)                                               5
    14  if (!hep_relay())                                         false (hep_relay() 1)
    15  return 5
     => relayed to hep_udp:127.0.0.1:9060, 432 bytes
     => end of the script

#2  2023-11-14 22:13:20.123456        127.1.1.1:5060 → 127.1.1.2:5080        UDP  REGISTER               alice@a.example → bob@b.example      call-1
     HEP version 3
     route
     2  if (is_method("REGISTER"))                                true (is_method() 1)
     3  drop
     => dropped in line 3: drop, and nothing was done with it

`);
  });

  test('a reply, and the route after async()', async () => {
    expect(await explained(script, [plain({ 15: RINGING })])).toContain(`     onreply_route
    17  async(sip_capture("calls_%m_%d", , "$ua"), after)         sip_capture() 1, async() 1
          $ua is "phone/1"
    18  xlog("$rs: $rc\\\\n")                                       1
          $rs is 180
          $rc is 1
          logs: 180: 1
     => stored into calls_11_14, custom fields ["","phone/1",""]
     => ended in line 17: async(sip_capture("calls_%m_%d", , "$ua"), after)
`);
  });

  test('a named route, then the main route; the original size if nothing is edited', async () => {
    const packet = plain({ 15: INVITE });
    const logged = await explained(
      'route[first] { $du = "hep_tcp:127.0.0.2:7"; hep_relay(); hep_resume_sip(); }\nroute { report_capture("$ci"); }',
      [packet],
      { hepRoute: 'first' },
    );
    expect(logged).toContain('     route[first]\n');
    expect(logged).toContain(
      `     route\n     2  report_capture("$ci")                                     1\n          $ci is "call-1"\n     => relayed to hep_tcp:127.0.0.2:7, ${packet.length} bytes\n     => reported into rtcp_capture as "call-1", type 1\n`,
    );
  });

  test('messages without a route', async () => {
    expect(await explained('onreply_route { exit; }', [plain({ 15: INVITE })])).toContain(
      '     => no route runs for it, and nothing was done with it\n',
    );
    expect(await explained('route { exit; }', [plain({ 15: 'hello' })])).toContain(
      '     => the payload is not SIP: no route runs for it, and nothing was done with it\n',
    );
    expect(await explained('route { exit; }', [plain({ 11: Buffer.from([5]), 15: '{}' })])).toContain(
      '     => no route runs for it: stored as without a script\n',
    );
    expect(await explained('route { exit; }', [plain({ 15: INVITE })], { hepRoute: 'none' })).toContain(
      '     => no route runs for it: stored as without a script\n',
    );
  });

  test('JSON, one line per message, up to the requested number', async () => {
    const lines = (
      await explained(
        'route { sip_capture(); }',
        [1, 2, 3].map(() => plain({ 15: INVITE })),
        { format: 'json', count: 2 },
      )
    )
      .trim()
      .split('\n')
      .slice(1);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1])).toEqual({
      number: 2,
      time: '2023-11-14 22:13:20.123456',
      source: '127.1.1.1:5060',
      destination: '127.1.1.2:5080',
      method: 'INVITE',
      call_id: 'call-1',
      hep: { version: 3, from: null },
      steps: [
        { route: 'route' },
        {
          line: 1,
          statement: 'sip_capture()',
          values: {},
          set: {},
          condition: null,
          results: [{ name: 'sip_capture', code: 1 }],
          failures: [],
          logged: [],
        },
      ],
      done: ['stored into sip_capture'],
      ending: 'end of the script',
    });
  });

  test('errors in the script, and an input without messages', async () => {
    expect(await explained('route { nothing(); }', [])).toContain('2\n/x/a.route:1:9: unknown function nothing()');
    await expect(explained('route { exit; }', [], { hep: [] })).rejects.toThrow('nothing to explain');
  });
});
