/** The meaning of statements where OpenSIPS' behaviour is not obvious. */
import { describe, expect, test } from '@jest/globals';
import { INVITE, RINGING, Recording, compiled, messageOf, ran } from './recording.js';

/** Which of the numbers were logged, and failures without their places. */
function logs(script: string, message = messageOf(INVITE)): string[] {
  return ran(script, new Recording(message)).map((line) => line.replace(/^log -1 /, '').replace(/^failed \S+ /, 'fails: '));
}

describe('no value', () => {
  test.each([
    ['is neither less nor more, which is no error', 'if (!($avp(n) > 5)) xlog("1"); if ($avp(n) < 5 || $avp(n) >= 5) xlog("2");', ['1']],
    [
      'differs from every constant',
      'if ($avp(n) != 5) xlog("1"); if ($avp(n) != "x") xlog("2"); if ($avp(n) == "") xlog("3");',
      ['1', '2'],
    ],
    ['does not match', 'if ($avp(n) !~ "x") xlog("1"); if ($avp(n) =~ ".*") xlog("2");', ['1']],
    ['is no pattern', 'if ($rU =~ $avp(n)) xlog("1"); if ($rU !~ $avp(n)) xlog("2"); if ($avp(m) =~ $avp(n)) xlog("3");', ['2', '3']],
    ['is no network', 'if ($avp(n) == 10.0.0.0/8) xlog("1"); if ($avp(n) != 10.0.0.0/8) xlog("2");', ['2']],
    [
      'adds nothing to a text',
      '$var(x) = "sip:" + $avp(n) + "@"; xlog("$var(x)"); $var(y) = $avp(n) + "a"; xlog("$var(y)");',
      ['sip:@', 'a'],
    ],
    ['behind a number is 0', '$var(x) = 5 - $avp(n); xlog("$var(x)");', ['5']],
    [
      'cannot be calculated with',
      '$var(x) = 7; $var(x) = $avp(n) + 1; $var(x) = $avp(n) * 2; $avp(n) += 1; $var(x) += $avp(n); xlog("$var(x) $avp(n)");',
      [
        'fails: cannot calculate <null> + 1',
        'fails: cannot calculate <null> * 2',
        'fails: cannot calculate <null> + 1',
        'fails: cannot calculate 7 + <null>',
        '7 <null>',
      ],
    ],
  ])('%s', (_name, script, expected) => {
    expect(logs(script)).toEqual(expected);
  });
});

describe('failures', () => {
  test('is not assigned', () => {
    expect(logs('$var(x) = 7; $var(x) = 1 / 0; xlog("$var(x) $rc"); $var(x) = 2; xlog("$var(x) $rc");')).toEqual([
      'fails: cannot calculate 1 / 0',
      '7 -1',
      '2 1',
    ]);
    expect(logs('$var(x) = 7; $var(x) = ("a" == 1); xlog("$var(x)");')).toEqual(["fails: cannot compare 'a' and 1", '7']);
  });

  test.each(['"a" == 1 || 1 == 1', '!("a" == 1 && 1 == 1)', '!("a" < 1 || 1 == 1)', '$ci == 10.0.0.0/8', '$ci != 10.0.0.0/8'])(
    'decides the whole condition: %s',
    (condition) => {
      expect(logs(`if (${condition}) xlog("true"); else xlog("false");`).at(-1)).toBe('false');
    },
  );
});

describe('routes', () => {
  test('have their own parameters, none where they are called without', () => {
    const script = 'route(a, "one"); route[a] { route(b); route(c, $param(1), 2); xlog("a $param(1)"); }';
    expect(logs(`${script} route[b] { xlog("b $param(1)"); } route[c] { xlog("c $param(1) $param(2)"); }`)).toEqual([
      'b <null>',
      'c one 2',
      'a one',
    ]);
  });

  test('return values after their code', () => {
    const script = 'route(q); xlog("$rc $return(0) $return(1) $return(2)"); route(r); xlog("$return(0)"); route(s); xlog("$return(0)");';
    const routes = 'route[q] { $var(id) = 7; return(1, $var(id), "a" + "b"); } route[r] { route(q); return(2); } route[s] { route(q); }';
    expect(logs(`${script} ${routes}`)).toEqual(['1 7 ab <null>', '<null>', '<null>']);
    expect(compiled(`return(1${', 2'.repeat(30)});`).text).toContain('return gives at most 20 values after its code');
  });

  test('may be named by a variable', () => {
    const script = '$var(n) = "b"; route($var(n)); route("route_$var(n)", 5); if (!route("none_$rm")) xlog("no $rc");';
    const routes = 'route[b] { xlog("b"); } route[route_b] { xlog("route_b $param(1)"); return(9); }';
    expect(logs(`${script} ${routes}`)).toEqual(['b', 'route_b 5', "fails: unknown route 'none_INVITE'", 'no -1']);
    expect(compiled('route($rm); route[x] { t_relay(); }').text).toContain('t_relay() is not available here');
  });

  test('know who called them', () => {
    const script =
      'route(a); route[a] { route(b); } route[b] { xlog("$route $(route[1]) $(route[2]) $(route[-1]) $(route[-2]) $(route[3])");';
    expect(logs(`${script} xlog("$(route[*])"); xlog("$(route.name[1]) $(route.type[-1])"); } `)).toEqual([
      'route[b] route[a] route route route[a] <null>',
      'route > route[a] > route[b]',
      'a route',
    ]);
  });
});

describe('$avp', () => {
  test('by a name from a variable', () => {
    const script = '$var(n) = "x"; $avp(x) = "written"; $avp($var(n)) = "made"; xlog("$(avp(x)[*])"); $var(n) = "new";';
    expect(
      logs(
        `${script} xlog("$avp($var(n))"); $avp($var(n)) = 1; $avp($var(n)) = 2; xlog("$(avp($var(n))[1]) $(avp($var(n))[*])"); $avp($var(n)) := NULL; xlog("$avp($var(n))");`,
      ),
    ).toEqual(['made,written', '<null>', '1 2,1', '<null>']);
    expect(logs('$avp($avp(none)) = 1; xlog("$avp($avp(none))");')).toEqual(['fails: $avp has no name, or too many', '<null>']);
  });

  test('by a name from a variable lasts for the message, and their number is limited', () => {
    const { program } = compiled('$var(n) = "x"; if ($avp($var(n)) == NULL) xlog("none"); $avp($var(n)) = 1;');
    const context = new Recording();
    for (let i = 0; i < 2; i++) program!.run(program!.route('route')!, context);
    expect(context.logged).toEqual(['log -1 none', 'log -1 none']);
    const many = logs('while ($var(i) < 1005) { $var(i) += 1; $avp($var(i)) = 1; } xlog("end");');
    expect(many).toEqual([...new Array<string>(5).fill('fails: $avp has no name, or too many'), 'end']);
  });

  test('an index that has no value is neither set nor read', () => {
    expect(logs('$avp(x) = "a"; $(avp(x)[1]) = "b"; xlog("$(avp(x)[*]) $rc"); $(avp(y)[0]) = "c"; xlog("$(avp(y)[*])");')).toEqual([
      'fails: $avp(x) has no such value',
      'a -1',
      'c',
    ]);
    expect(logs('$avp(x) = "a"; xlog("$(avp(x)[$avp(none)]) $(hdr(Via)[$avp(none)]) $(avp(x)[-2])");')).toEqual(['<null> <null> <null>']);
  });

  test('avp_delete() deletes the newest value, with /g all; is_avp_set() checks for a type', () => {
    const script = '$avp(x) = 1; $avp(x) = "two"; $avp(x) = ""; if (is_avp_set("$avp(x)/e")) xlog("empty"); avp_delete("$avp(x)");';
    expect(
      logs(
        `${script} if (is_avp_set("$avp(x)/s") && !is_avp_set("$avp(x)/n")) xlog("text"); xlog("$(avp(x)[*])"); avp_delete("$avp(x)/g"); xlog("$avp(x)");`,
      ),
    ).toEqual(['empty', 'text', 'two,1', '<null>']);
    expect(compiled('avp_delete("$avp(x)/q");').text).toContain("invalid flags '/q'");
  });
});

test('branch flags are separate, in either order of arguments', () => {
  const script = 'setbflag("NAT"); setbflag(1, "NAT2"); setbflag(0, 3); setflag(3);';
  const asked = [
    'isbflagset("NAT", 0)',
    'isbflagset("NAT", 1)',
    'isbflagset("NAT2", 1)',
    'isbflagset(0, 4)',
    'isbflagset(3)',
    'isbflagset(0, 3)',
  ];
  expect(logs(`${script} ${asked.map((one, i) => `if (${one}) xlog("${i}");`).join(' ')} xlog("$(branch.flag(NAT2)[1])");`)).toEqual([
    '0',
    '2',
    '4',
    '5',
    '1',
  ]);
});

test('a header without a value exists', () => {
  const message = () => messageOf(INVITE.replace('User-Agent: phone/1', 'Supported:'));
  expect(
    logs('if (is_present_hf("Supported") && $hdr(Supported) != NULL && $hdr(Supported) == "") xlog("$(hdrcnt(k))");', message()),
  ).toEqual(['1']);
});

test('for iterates over all values, but not without [*]', () => {
  expect(logs('for ($var(v) in $hdr(Via)) xlog("never"); xlog("end");')).toEqual(['end']);
  expect(compiled('for ($var(v) in $avp(x)) xlog("$var(v)");').text).toContain('warning: the loop does not run');
  const two = messageOf(INVITE.replace('User-Agent: phone/1', 'Contact: <sip:a@x>, <sip:b@y>'));
  expect(logs('for ($var(u) in $(ct.fields(uri)[*])) xlog("$var(u)");', two)).toEqual(['sip:a@x', 'sip:b@y']);
  expect(logs('for ($var(h) in $(hdr_name[*])) if ($var(h) != "Via") { xlog("$var(h)"); break; }')).toEqual(['From']);
});

test('parts of a multipart body', () => {
  const parts =
    '--b1\r\nContent-Type: text/plain\r\n\r\none\r\n--b1\r\nContent-Type: text/plain; x=1\r\n\r\ntwo\r\n--b1--\r\nrest\r\n\r\nno';
  const message = messageOf(
    INVITE.replace(
      'Content-Length: 4\r\n\r\nv=0\n',
      `Content-Type: multipart/mixed;boundary=b1\r\nContent-Length: ${parts.length}\r\n\r\n${parts}`,
    ),
  );
  expect(logs('xlog("$(rb[0]) $(rb[-1]) $(rb[2]) $(rb(text/plain)[-1]) $(cT[1]) $(cT[*])");', message)).toEqual([
    'one two <null> two text/plain; x=1 multipart/mixed;boundary=b1,text/plain,text/plain; x=1',
  ]);
});

test('$dd and $dp change $du', () => {
  expect(logs('$du = "sip:10.0.0.1:9060;transport=tcp"; $dd = "10.0.0.2"; $dp = 9070; xlog("$du"); $dp = NULL; xlog("$du $dp");')).toEqual([
    'sip:10.0.0.2:9070;transport=tcp',
    'sip:10.0.0.2;transport=tcp <null>',
  ]);
});

test('a request variable has no value in a reply, and vice versa', () => {
  const script = 'xlog("$(<request>rm) $(<reply>rs) $(<reply>hdr(From){s.len})");';
  expect(logs(script)).toEqual(['INVITE <null> <null>']);
  expect(logs(script, messageOf(RINGING))).toEqual(['<null> 180 36']);
  expect(compiled('$(<request>ru) = "sip:x";').text).toContain('a variable of <request> cannot be set');
});

describe('myself', () => {
  const declared = 'socket=udp:127.0.0.9:5060\nalias=b.example\n';
  test.each([
    ['uri == myself', true],
    ['to_uri == myself', true],
    ['from_uri == myself', false],
    ['from_uri != myself', true],
    ['src_ip == myself', false],
    ['$rd == myself', true],
    ['$rd == "myself"', false],
  ])('%s is %s', (condition, isTrue) => {
    expect(logs(`${declared} route { if (${condition}) xlog("own"); }`)).toEqual(isTrue ? ['own'] : []);
  });

  test('is an address that the script declares', () => {
    expect(compiled('if (uri == myself) exit;').text).toContain('the script declares no socket and no alias');
    expect(compiled('if (uri < myself) exit;').text).toContain('myself cannot be compared by <');
  });
});

test('a request URI without port and transport has the defaults', () => {
  const of = (uri: string) => logs('xlog("$rp $rP $op $oP");', messageOf(INVITE.replace('sip:bob@127.0.0.9', uri)));
  expect(of('sip:b@x')).toEqual(['5060 udp 5060 udp']);
  expect(of('sips:b@x')).toEqual(['5061 tls 5061 tls']);
  expect(of('sip:b@x:5070;transport=TCP')).toEqual(['5070 TCP 5070 TCP']);
  expect(of('sip:b@x;transport=wss')).toEqual(['443 wss 443 wss']);
  expect(logs('xlog("$rp $rP $rU $ru");', messageOf(RINGING))).toEqual(['<null> <null> <null> <null>']);
});

test('names of statistics are limited in length', () => {
  expect(logs('if (!update_stat("$mb", 1)) xlog("no"); $stat(x) += 1; update_stat("x", 1); $stat(x) += 1; xlog("$stat(x)");')).toEqual([
    'fails: too many statistics, or a name of more than 256 characters',
    'no',
    'fails: cannot calculate <null> + 1',
    '2',
  ]);
});
