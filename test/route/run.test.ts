/** Statements as they run: values, conditions, return codes, and what ends a script. */
import { describe, expect, test } from '@jest/globals';
import { INVITE, RINGING, Recording, compiled, hepEnvelope, messageOf, ran } from './recording.js';

/** The text of `xlog("...")` after the statements. */
function value(expression: string, before = '', message = messageOf(INVITE)): string {
  const logged = ran(`${before} $var(r) = ${expression}; xlog("$var(r)");`, new Recording(message));
  return logged.map((line) => line.replace(/^log -1 /, '')).join('\n');
}

describe('values', () => {
  test.each([
    ['1 + 2 * 3', '9'],
    ['1 + (2 * 3)', '7'],
    ['7 / 2', '3'],
    ['-7 % 3', '-1'],
    ['6 & 3', '2'],
    ['1 << 4', '16'],
    ['~0', '-1'],
    ['"a" + "b"', 'ab'],
    ['"n" + 1', 'n1'],
    ['"5" + 1', '51'],
    ['0x1f', '31'],
    ['null', '<null>'],
    ['"$$x"', '$x'],
    ['$rm', 'INVITE'],
    ['$ru', 'sip:bob@127.0.0.9'],
    ['$rU', 'bob'],
    ['$rd', '127.0.0.9'],
    ['$fu', 'sip:alice@a.example'],
    ['$fU', 'alice'],
    ['$fd', 'a.example'],
    ['$ft', 'f1'],
    ['$tu', 'sip:bob@b.example'],
    ['$tU', 'bob'],
    ['$td', 'b.example'],
    ['$tt', '<null>'],
    ['$ci', 'call-1'],
    ['$cs', '7'],
    ['$ua', 'phone/1'],
    ['$hdr(P-Asserted-Identity)', '<sip:1000@a.example>'],
    ['$(hdr(v)[1])', 'SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK0'],
    ['$hdr(X-None)', '<null>'],
    ['$si', '127.0.0.1'],
    ['$sp', '5060'],
    ['$Ri', '127.0.0.2'],
    ['$Rp', '5080'],
    ['$pr', 'udp'],
    ['$ml', String(INVITE.length)],
    ['$rb', 'v=0\n'],
    ['$Ts', '1700000100'],
    ['$time(%Y-%m-%d)', '<%Y-%m-%d>'],
    ['$HEPVERSION', '3'],
    ['$rs', '<null>'],
    ['$hep_net(proto_id)', 'hep_udp'],
    ['$hep_net(proto_family)', 'AF_INET'],
    ['$hep_net(src_ip)', '127.0.0.5'],
    ['$hep_net(dst_port)', '9060'],
    ['$hep_net(0x0003)', '127.0.0.5'],
    ['$si == 127.0.0.0/8', '1'],
    ['$si == 10.0.0.0/8', '0'],
    ['$rm == INVITE', '1'],
    ['$rm == "invite"', '1'],
    ['$sp > 5000', '1'],
    ['"5060" == $sp', '1'],
    ['$rm =~ "^inv"', '1'],
    ['$ua !~ "[[:digit:]]$"', '0'],
    ['$hdr(X-None) =~ "."', '0'],
    ['$hdr(X-None) == null', '1'],
    ['1 == 2 || 3 == 3', '1'],
    ['!(1 == 1)', '0'],
  ])('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('of a reply', () => {
    expect(value('"$rs $rr $rm"', '', messageOf(RINGING))).toBe('180 Ringing INVITE');
  });

  test('of a message that did not arrive by HEP', () => {
    expect(value('"$HEPVERSION $hep_net(src_ip)"', '', messageOf(INVITE, null))).toBe('<null> <null>');
  });

  test('a name of $hep_net from a variable', () => {
    expect(value('$hep_net($var(n))', '$var(n) = "src_port";')).toBe('4000');
  });
});

describe('assignments', () => {
  test.each([
    ['$var(x) = 4; $var(x) += 2;', '6'],
    ['$var(x) = 4; $var(x) -= 5;', '-1'],
    ['$var(x) = 4; $var(x) *= 3;', '12'],
    ['$var(x) = 9; $var(x) /= 2;', '4'],
    ['$var(x) = 9; $var(x) %= 4;', '1'],
    ['$var(x) = 6; $var(x) &= 3;', '2'],
    ['$var(x) = 6; $var(x) |= 1;', '7'],
    ['$var(x) = 6; $var(x) ^= 2;', '4'],
    ['$var(x) := "a"; $var(x) += "b";', 'ab'],
  ])('%s', (statements, expected) => {
    expect(ran(`${statements} xlog("$var(x)");`)).toEqual([`log -1 ${expected}`]);
  });

  test('$var stays from message to message, $avp and $du do not', () => {
    const { program } = compiled('xlog("$var(n) $avp(n) $du"); $var(n) += 1; $avp(n) = 1; $du = "sip:127.0.0.1";');
    const context = new Recording();
    for (let i = 0; i < 2; i++) program!.run(program!.route('route')!, context);
    expect(context.logged).toEqual(['log -1 0 <null> <null>', 'log -1 1 <null> <null>']);
  });

  test('the second route of the same message sees what the first one set', () => {
    const { program } = compiled(
      'route { xlog("$avp(n) $du"); } route[first] { $avp(n) = 5; $du = "sip:127.0.0.1"; hep_resume_sip(); xlog("no"); }',
      { hepRoute: 'first' },
    );
    const context = new Recording();
    context.stage = 'hep';
    expect(program!.run(program!.route('route', 'first')!, context)).toBe('resume');
    expect(program!.goOn(program!.route('route')!, context)).toBe('end');
    expect(context.logged).toEqual(['log -1 5 sip:127.0.0.1']);
  });
});

describe('what ends a script', () => {
  test.each([
    ['exit', 'xlog("a"); exit; ', ['log -1 a', 'exit']],
    ['drop in a route', 'route { route(x); xlog("no"); } route[x] { drop; }', ['drop']],
    ['return of the main route', 'if (1 == 1) return; xlog("no");', []],
    ['return(0) as exit', 'route { route(x); xlog("no"); } route[x] { return(0); }', ['exit']],
    ['a 0 within a condition', 'route { if (!route(x) || 1 == 1) { xlog("no"); } xlog("no"); } route[x] { return 0; }', ['exit']],
    [
      'hep_resume_sip() outside of its route',
      'if (!hep_resume_sip()) xlog("fails");',
      ['failed s.cfg:1:6 hep_resume_sip() works only in the route that hep_route names', 'log -1 fails'],
    ],
  ])('%s', (_name, script, expected) => {
    expect(ran(script)).toEqual(expected);
  });
});

describe('routes', () => {
  test.each([
    ['gives what it returns', 'route { route(x); xlog("$rc $retcode"); } route[x] { return -3; }', ['log -1 -3 -3']],
    ['gives 1 at its end', 'route { if (route(x)) xlog("yes $rc"); } route[x] { xlog("in"); }', ['log -1 in', 'log -1 yes 1']],
    ['is false where it returns less than 0', 'route { if (!route(x)) xlog("no"); } route[x] { return -1; }', ['log -1 no']],
    [
      'calls itself no more than a hundred deep',
      'route { route(x); } route[x] { $var(n) += 1; if (!route(x) && $var(n) == 100) xlog("deep $var(n)"); }',
      ['failed s.cfg:1:51 routes call each other more than 100 levels deep', 'log -1 deep 100'],
    ],
    [
      'goes on after async, and nothing else does',
      'route { async(sip_capture(), next); xlog("no"); } route[next] { xlog("resumed $rc"); }',
      ['store [null,null,null,null]', 'log -1 resumed 1', 'exit'],
    ],
  ])('a route %s', (_name, script, expected) => {
    expect(ran(script)).toEqual(expected);
  });
});

test('routes that call themselves twice are stopped early', () => {
  const logged = ran('route { route(x); } route[x] { route(x); route(x); }');
  expect(logged.filter((line) => line.endsWith('the script takes too many statements for one message')).length).toBeGreaterThan(0);
  expect(logged.length).toBeLessThan(200_000);
});

describe('loops and cases', () => {
  test('a while loop, its break, and the bound', () => {
    expect(ran('$var(i) = 0; while ($var(i) < 3) { $var(i) += 1; } xlog("$var(i)");')).toEqual(['log -1 3']);
    expect(ran('$var(i) = 0; while (1) { $var(i) += 1; if ($var(i) == 5) break; } xlog("$var(i)");')).toEqual(['log -1 5']);
    expect(ran('$var(i) = 0; while (1) $var(i) += 1; xlog("$var(i)");', new Recording(), { maxLoops: 30 })).toEqual([
      'failed s.cfg:1:14 loop ended after 30 turns (max_while_loops)',
      'log -1 30',
    ]);
    expect(ran('max_while_loops = 7\n$var(i) = 0; while (1) $var(i) += 1; xlog("$var(i)");').at(-1)).toBe('log -1 7');
  });

  test.each([
    ['1', 'one two'],
    ['2', 'two'],
    ['"x"', 'ex'],
    ['9', 'other'],
    ['null', 'other'],
  ])('switch of %s', (given, expected) => {
    const script = `$var(t) = ${given}; switch ($var(t)) { case 1: xlog("one"); case 2: xlog("two"); break; case "x": xlog("ex"); break; default: xlog("other"); }`;
    expect(
      ran(script)
        .map((line) => line.slice('log -1 '.length))
        .join(' '),
    ).toBe(expected);
  });
});

describe('run-time errors', () => {
  test.each([
    ['$var(x) = 1 / 0;', 'cannot calculate 1 / 0'],
    ['$var(x) = "a" - 1;', "cannot calculate 'a' - 1"],
    ['if ("a" < 1) xlog("no");', "cannot order 'a' and 1"],
    ['if ("a" == 1) xlog("no");', "cannot compare 'a' and 1"],
    ['if (!("a" == 1)) xlog("no");', "cannot compare 'a' and 1"],
    ['hep_relay();', 'no target: set $du'],
    ['$du = "sip:"; hep_relay();', "invalid SIP URI 'sip:'"],
    ['report_capture("");', 'the correlation id is empty'],
    ['hep_set("src_port", "$ua");', "src_port: invalid uint16 'phone/1': expected an unsigned number, decimal or 0x hex"],
    ['hep_set("timestamp", "5");', 'timestamp is derived from the packet and cannot be set'],
    ['$var(p) = "["; if ($ua =~ $var(p)) xlog("no");', "invalid pattern: '[' is not closed"],
    ['return "x";', "return requires a number, not 'x'"],
  ])('%s', (statement, reason) => {
    const logged = ran(`${statement}`);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/^failed s\.cfg:1:\d+ /);
    if (reason !== '') expect(logged[0].replace(/^failed \S+ /, '')).toBe(reason);
  });

  test('a call refused by the host fails, and the script continues', () => {
    const context = new Recording();
    context.refuses = 'there is no room';
    expect(ran('if (!sip_capture()) xlog("failed");', context)).toEqual([
      'store [null,null,null,null]',
      'failed s.cfg:1:6 there is no room',
      'log -1 failed',
    ]);
  });

  test('chunks of a version 1 packet: the host refuses', () => {
    const context = new Recording(messageOf(INVITE, hepEnvelope(1)));
    expect(ran('if ($HEPVERSION == 1) hep_del("25");', context)).toEqual(['del 25']);
  });
});

test('is_method', () => {
  expect(ran('if (is_method("BYE|INVITE")) xlog("yes"); if (is_method("ACK")) xlog("no");')).toEqual(['log -1 yes']);
});

test('xlog levels', () => {
  expect(ran('xlog("L_ERR", "a"); xlog("4", "b"); log("c");')).toEqual(['log -1 a', 'log 4 b', 'log -1 c']);
});

test('a trace sees statements, values and results', () => {
  const seen: string[] = [];
  const script = 'if ($rm == "INVITE") hep_del("25");';
  ran(script, new Recording(), {
    trace: {
      statement: ({ from, to }) => seen.push(script.slice(from, to)),
      deciding: () => {},
      condition: (_place, isTrue) => seen.push(String(isTrue)),
      assigned: () => {},
      value: (text, got) => seen.push(`${text} = ${got}`),
      result: (name, code) => seen.push(`${name}() -> ${code}`),
    },
  });
  expect(seen).toEqual([script, '$rm = INVITE', 'true', 'hep_del("25");', 'hep_del() -> 1'].map((line, i) => (i === 3 ? seen[3] : line)));
  expect(seen[3]).toContain('hep_del("25")');
});
