/** Every variable and every function that scripts may use, by what its documentation says of one message. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FOREIGN_FUNCTIONS, IDLE_FUNCTIONS } from '../../src/lib/route/foreign-functions.js';
import { FUNCTIONS } from '../../src/lib/route/functions.js';
import { SCRIPT_WORDS } from '../../src/lib/route/vocabulary.js';
import { VARIABLES } from '../../src/lib/route/variables.js';
import { Recording, compiled, messageOf, ran } from './recording.js';
import { BODY, REQUEST, request } from './words-rig.js';

const reply = () =>
  new Recording(
    messageOf(REQUEST.replace(/^INVITE .*/, 'SIP/2.0 486 Busy Here').replace('<sip:bob@b.example>', '<sip:bob@b.example>;tag=t1')),
  );

const READ: readonly [variable: string, value: string][] = [
  ['$ru', 'sip:bob@b.example:5070;transport=tcp'],
  ['$rU', 'bob'],
  ['$rd', 'b.example'],
  ['$rp', '5070'],
  ['$rP', 'tcp'],
  ['$ou', 'sip:bob@b.example:5070;transport=tcp'],
  ['$oU', 'bob'],
  ['$od', 'b.example'],
  ['$op', '5070'],
  ['$rm', 'INVITE'],
  ['$rs', '<null>'],
  ['$rr', '<null>'],
  ['$fu', 'sip:alice@a.example'],
  ['$fU', 'alice'],
  ['$fd', 'a.example'],
  ['$fn', '"Alice"'],
  ['$ft', 'f1'],
  ['$tu', 'sip:bob@b.example'],
  ['$tU', 'bob'],
  ['$td', 'b.example'],
  ['$tn', 'Bob'],
  ['$tt', '<null>'],
  ['$ci', 'call-1'],
  ['$cs', '7'],
  ['$cl', String(BODY.length)],
  ['$cT', 'application/sdp'],
  ['$ct', '"A" <sip:alice@10.0.0.1:5062;lr>;expires=60;q=0.3'],
  ['$ct.fields(uri)', 'sip:alice@10.0.0.1:5062;lr'],
  ['$ct.fields(name)', '"A"'],
  ['$ct.fields(expires)', '60'],
  ['$ct.fields(params)', 'expires=60;q=0.3'],
  ['$ct.fields(methods)', '<null>'],
  ['$ua', 'phone/1'],
  ['$di', 'sip:4000@a.example'],
  ['$re', 'sip:3000@a.example'],
  ['$ai', 'sip:1000@a.example'],
  ['$pu', 'sip:2000@p.example'],
  ['$pU', '2000'],
  ['$pd', 'p.example'],
  ['$pn', '"P"'],
  ['$aU', 'u@x.example'],
  ['$au', 'u'],
  ['$ad', 'x.example'],
  ['$ar', 'r.example'],
  ['$adu', 'sip:b.example'],
  ['$an', 'n1'],
  ['$hdr(via)', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1'],
  ['$(hdr(Via)[-1])', 'SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK0'],
  ['$(hdr(Via)[*]{s.len})', String(2 * 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1'.length + 1)],
  ['$hdrcnt(Via)', '2'],
  ['$hdrcnt(X)', '0'],
  ['$si', '127.0.0.1'],
  ['$sp', '5060'],
  ['$Ri', '127.0.0.2'],
  ['$Rp', '5080'],
  ['$socket_in', 'udp:127.0.0.2:5080'],
  ['$socket_in(ip)', '127.0.0.2'],
  ['$socket_in(proto)', 'udp'],
  ['$pr', 'udp'],
  ['$proto', 'udp'],
  ['$af', 'INET'],
  ['$mb', REQUEST],
  ['$ml', String(REQUEST.length)],
  ['$mi', '1'],
  ['$msg.id', '1'],
  ['$msg.is_request', '1'],
  ['$rb', BODY],
  ['$sdp', BODY],
  ['$sdp.session', 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\n'],
  ['$ct|$(ct[1])|$(ct[*])', '"A" <sip:alice@10.0.0.1:5062;lr>;expires=60;q=0.3|<null>|"A" <sip:alice@10.0.0.1:5062;lr>;expires=60;q=0.3'],
  ['$auth.nonce $auth.resp $auth.opaque $auth.alg $auth.qop $auth.nc $Au', 'n1 0 <null> <null> <null> <null> u'],
  ['$dip $dir $oP', '<null> busy tcp'],
  ['$route $route.name $route.type', 'route  route'],
  ['$msg.flag(x) $branch.flag(x)', '0 0'],
  ['$Ts', '1700000100'],
  ['$Tsm', '0'],
  ['$Tf', '<%a %b %e %H:%M:%S %Y>'],
  ['$TS', '1700000000'],
  ['$time(%H)', '<%H>'],
  ['$pp', String(process.pid)],
  ['$env(HOME)', '/home/sip'],
  ['$env(NONE)', '<null>'],
  ['$cfg_file:$cfg_line', 's.cfg:1'],
  ['$rc $retcode $return(0)', '1 1 <null>'],
  ['$msg.type $rt', 'request <null>'],
  ['$hdr_name $(hdr_name[1]) $(hdr_name[-1]) $(hdr_name[99])', 'Via Via Content-Length <null>'],
  ['$socket_in(tag) $socket_in(anycast) $socket_in(advertised_ip)', '<null> 0 <null>'],
  ['$(cT[0])|$(cT[*])|$(rb[1])|$(rb[-1]{s.len})', `<null>|application/sdp|<null>|${BODY.length}`],
  ['$null', '<null>'],
  ['$C(bx)', ''],
  ['$stat(x)', '<null>'],
  ['$param(1)', '<null>'],
  ['$du $dd $dp', '<null> <null> <null>'],
  ['$proto_type', '1'],
  ['$HEPVERSION', '3'],
  ['$hep_net(src_ip)', '127.0.0.5'],
  ['$var(x) $shv(x) $avp(x) $json(x)', '0 0 <null> <null>'],
];

/** A script and what it logs; `t` stands for true, `f` for false. */
const CALLS: readonly [call: string, of: 'request' | 'reply', result: string][] = [
  ['has_totag()', 'request', 'f'],
  ['has_totag()', 'reply', 't'],
  ['is_present_hf("Diversion")', 'request', 't'],
  ['is_present_hf("X-None")', 'request', 'f'],
  ['has_body()', 'request', 't'],
  ['has_body("application/sdp")', 'request', 't'],
  ['has_body("text/plain")', 'request', 'f'],
  ['has_body_part("application/sdp")', 'request', 't'],
  ['search("^User-Agent: PHONE")', 'request', 't'],
  ['search("^PHONE")', 'request', 'f'],
  ['search("Alice.*Bob")', 'request', 'f'],
  ['search_body("m=audio [0-9]+")', 'request', 't'],
  ['search_body("User-Agent")', 'request', 'f'],
  ['search_hf("Via", "127.0.0.2", "a")', 'request', 't'],
  ['search_hf("Via", "127.0.0.2", "f")', 'request', 'f'],
  ['search_hf("Via", "127.0.0.2", "l")', 'request', 't'],
  ['is_audio_on_hold()', 'request', 't'],
  ['is_ip_rfc1918("10.1.1.1")', 'request', 't'],
  ['is_ip_rfc1918("$si")', 'request', 'f'],
  ['sip_validate()', 'request', 't'],
  ['is_method("INVITE")', 'reply', 't'],
  ['isflagset(1)', 'request', 'f'],
  ['setflag(ACC) && isflagset("ACC") && !isflagset(OTHER)', 'request', 't'],
  ['setflag(1) && resetflag(1) && isflagset(1)', 'request', 'f'],
  ['setbflag(1) && isbflagset(1) && !isflagset(1) && resetbflag(1)', 'request', 't'],
  ['is_avp_set("$avp(never)")', 'request', 'f'],
  ['avp_delete("$avp(never)/g")', 'request', 't'],
  ['cache_remove("local", "never")', 'request', 't'],
  ['cache_store("local", "k", $avp(never))', 'request', 'f'],
  ['update_stat("calls", "+2") && update_stat("calls", "-1") && $stat(calls) == 1', 'request', 't'],
  ['update_stat("calls", 1) && reset_stat("calls") && $stat(calls) == 0', 'request', 't'],
  ['cache_store("local", "k-$ci", "v") && cache_fetch("local", "k-call-1", $var(v)) && $var(v) == "v"', 'request', 't'],
  ['cache_store("local:g", "k", "v", 10) && cache_remove("local", "k") && cache_fetch("local", "k", $var(v))', 'request', 'f'],
  ['cache_add("local", "n", 3, 10) && cache_sub("local", "n", 1, 0, $var(n)) && $var(n) == 2', 'request', 't'],
  ['cache_counter_fetch("local", "none", $var(n))', 'request', 'f'],
  ['get_timestamp($var(s), $var(u)) && $var(s) == 1700000100 && $var(u) == 0', 'request', 't'],
  ['setdsturi("sip:x:9060") && isdsturiset() && $dd == "x" && $dp == 9060', 'request', 't'],
  ['setdsturi("sip:x") && resetdsturi() && isdsturiset()', 'request', 'f'],
  ['seturi("sip:a@b") && $rU == "a" && rewriteuri("sip:c@d") && $rU == "c" && revert_uri() && $rU == "bob"', 'request', 't'],
  ['sethost("h.example") && $ru == "sip:bob@h.example:5070;transport=tcp"', 'request', 't'],
  ['rewritehost("h") && sethostport("g:1") && rewritehostport("f:2") && $ru == "sip:bob@f:2;transport=tcp"', 'request', 't'],
  ['setport("1") && rewriteport(2) && $rp == 2', 'request', 't'],
  ['setuser("x") && rewriteuser("yz") && strip(1) && prefix("00") && strip_tail(1) && $rU == "00"', 'request', 't'],
  ['setuserpass("a:b") && $rU == "a" && rewriteuserpass("c:d") && $ru == "sip:c:d@b.example:5070;transport=tcp"', 'request', 't'],
  ['construct_uri("sip", "u", "d.example", 5060, "x=1", $var(u)) && $var(u) == "sip:u@d.example:5060;x=1"', 'request', 't'],
  ['construct_uri("sip", , "$td", , "", $var(u)) && $var(u) == "sip:b.example"', 'request', 't'],
  ['construct_uri("sip", , "", , , $var(u))', 'request', 'f'],
  ['pv_printf("$var(p)", "a $rm") && $var(p) == "a INVITE"', 'request', 't'],
  ['is_myself("127.0.0.1")', 'request', 'f'],
  ['xlog("x") && xlog(1, "x") && log(-1, "x") && xdbg("x") && xlog("L_WARNING", "x") && xlog("L_DEBUG", "x")', 'request', 't'],
];

test.each(READ)('%s', (variable, value) => {
  expect(ran(`xlog("${variable}");`, request())).toEqual([`log -1 ${value}`]);
});

test('every variable has a row', () => {
  const tested = new Set(READ.flatMap(([text]) => [...text.matchAll(/\$\(?([A-Za-z_]+(?:\.\w+)?)/g)].map(([, name]) => name)));
  const untested = VARIABLES.filter(({ name, isAbsent }) => !isAbsent && !tested.has(name)).map(({ name }) => name);
  // Its format is read by the host, which stands still here.
  expect(untested).toEqual(['ctime']);
});

test('variables that exist only for sent messages have no value, with a note', () => {
  for (const { name, argument } of VARIABLES.filter(({ isAbsent }) => isAbsent)) {
    const { program, text } = compiled(`xlog("$${name}${argument === 'none' ? '' : '(x)'}");`);
    expect(program).not.toBeNull();
    expect(text).toContain(`note: $${name} has no value: messages are captured, not sent`);
  }
  expect(ran('$fs = "udp:127.0.0.1:5060"; xlog("$fs");')).toEqual(['log -1 <null>']);
});

test.each(CALLS)('%s of a %s', (call, of, result) => {
  const logged = ran(`if (${call}) xlog("t"); else xlog("f");`, of === 'request' ? request() : reply());
  expect(logged.at(-1)).toBe(`log -1 ${result}`);
  expect(logged.filter((line) => line.startsWith('failed'))).toHaveLength(call.includes('$avp(never))') ? 1 : 0);
});

test('every function has a row, except those with tests of their own', () => {
  const tested = new Set(CALLS.flatMap(([text]) => [...text.matchAll(/(\w+)\(/g)].map(([, name]) => name)));
  expect(FUNCTIONS.map(({ name }) => name).filter((name) => !tested.has(name) && !/^hep_|_capture$/.test(name))).toEqual([
    'async',
    'launch',
    'route',
  ]);
  expect(FUNCTIONS.every(({ usage, meaning }) => usage !== '' && meaning !== '')).toBe(true);
});

test('addresses declared by the script are its own', () => {
  const script = (host: string) =>
    `socket=hep_udp:10.0.0.1:9060 as 203.0.113.1\nalias="sip.example.org"\nroute { if (is_myself(${host})) xlog("own"); }`;
  for (const host of ['"10.0.0.1"', '"203.0.113.1"', '"SIP.example.org"', '"10.0.0.1", 9060'])
    expect(ran(script(host))).toEqual(['log -1 own']);
  for (const host of ['"sip.example.org", 5070']) expect(ran(script(host))).toEqual(['log -1 own']);
  for (const host of ['"10.0.0.2"', '"10.0.0.1", 5060']) expect(ran(script(host))).toEqual([]);
  expect(compiled('if (is_myself("x")) exit;').text).toContain('the script declares no socket and no alias');
});

test('functions without effect here are reported, and return 1', () => {
  for (const [name, why] of IDLE_FUNCTIONS) {
    const { program, text } = compiled(`if (${name}("x")) xlog("t");`);
    expect(program).not.toBeNull();
    expect(text).toContain(`note: ${name}() has no effect here: ${why}`);
  }
  expect(ran('force_send_socket(udp:127.0.0.1:5060); xlog("t");')).toEqual(['log -1 t']);
});

test('functions of other modules: an error, or skipped', () => {
  for (const [name, { module, code }] of FOREIGN_FUNCTIONS) {
    const script = `if (${name}("x")) xlog("t"); else xlog("f");`;
    const { program, text } = compiled(script);
    expect(program).toBeNull();
    expect(text).toContain(`${name}() is not available here (OpenSIPS module ${module})`);
    expect(ran(script, request(), { unknownFunctions: 'skip' })).toEqual([`skipped ${name}`, `log -1 ${code === 1 ? 't' : 'f'}`]);
  }
  expect(compiled('t_relay();', { unknownFunctions: 'skip' }).text).toContain('note: t_relay() is skipped (unknown_functions: skip)');
  expect(ran('my_function(1);', request(), { unknownFunctions: 'skip' })).toEqual(['skipped my_function']);
});

test('the list has every function and variable once, with its meaning', () => {
  expect(new Set(SCRIPT_WORDS.map(({ usage }) => usage)).size).toBe(SCRIPT_WORDS.length);
  expect(SCRIPT_WORDS.filter(({ meaning }) => meaning === '')).toEqual([]);
  expect(SCRIPT_WORDS).toContainEqual({
    kind: 'transformation',
    usage: '{s.substr,offset,[length]}',
    meaning: 'part of the text; a negative offset counts from the end, length 0 is up to the end',
    support: 'full',
  });
});

test('the documentation lists every function and variable', () => {
  const page = readFileSync(new URL('../../docs/script-words.md', import.meta.url), 'utf8');
  const missing = SCRIPT_WORDS.filter(({ usage, meaning, support, kind }) => {
    const shown = `\`${usage.replaceAll('|', '\\|')}\``;
    return !page.includes(kind === 'variable' && support !== 'full' ? shown : `| ${shown} | ${meaning.replaceAll('|', '\\|')} |`);
  });
  expect(missing).toEqual([]);
});

test('no name is in two tables', () => {
  const names = [...FUNCTIONS.map(({ name }) => name), ...IDLE_FUNCTIONS.keys(), ...FOREIGN_FUNCTIONS.keys()];
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
