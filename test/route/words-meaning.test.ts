/** What single words of the language do. */
import { expect, test } from '@jest/globals';
import { Recording, compiled, messageOf, ran } from './recording.js';
import { BODY, REQUEST, request } from './words-rig.js';

test('$avp has several values, the newest first', () => {
  const script = `$avp(x) = "a"; $avp(x) = "b"; $avp(x) = 3;
    xlog("$avp(x) $(avp(x)[1]) $(avp(x)[-1]) $(avp(x)[9]) $(avp(x)[*])");
    $(avp(x)[1]) = "B"; $avp(x) = NULL; xlog("$(avp(x)[*])"); $avp(x) += "b"; xlog("$(avp(x)[*])");
    $avp(x) := "one"; xlog("$(avp(x)[*])"); avp_delete("$avp(x)"); if (!is_avp_set("$avp(x)")) xlog("gone");`;
  const lines = ['log -1 3 b a <null> 3,b,a', 'log -1 B,a', 'log -1 Bb,a', 'log -1 one', 'log -1 gone'];
  const context = request();
  expect(ran(script, context)).toEqual(lines);
  expect(ran('xlog("$avp(x)");')).toEqual(['log -1 <null>']);
  expect(ran('while ($var(i) < 2000) { $var(i) += 1; $avp(x) = 1; } xlog("end");')[0]).toContain('$avp(x) has too many values');
});

test('$json reads members of a document', () => {
  const script = `$json(d) := '{"a":{"b":[1,"two",true]},"n":null}'; xlog("$json(d/a/b[1]) $json(d/a/b[-1]) $json(d/a/b) $json(d/n) $json(d/x/y)");
    $json(d) := "{"; xlog("$json(d)"); $json(e) = "text"; xlog("$json(e)");`;
  expect(ran(script)).toEqual([
    'log -1 two 1 [1,"two",true] <null> <null>',
    'failed s.cfg:2:5 invalid JSON',
    'log -1 <null>',
    'log -1 text',
  ]);
});

test('an index may be a variable', () => {
  expect(ran('$var(i) = 1; xlog("$(hdr(Via)[$var(i)]{via.host}) $(hdr($var(n))[0])");', request())).toEqual(['log -1 127.0.0.2 <null>']);
});

test('route parameters', () => {
  const script =
    'route(add, "one", $rm, 3); xlog("$rc $param(1)"); route[add] { route(inner, 9); xlog("$param(1) $param(2) $param(4)"); return(7); } route[inner] { xlog("$param(1)"); }';
  expect(ran(script)).toEqual(['log -1 9', 'log -1 one INVITE <null>', 'log -1 7 <null>']);
});

test('launch() continues after the route', () => {
  expect(ran('launch(sip_capture(), after); xlog("on"); route[after] { xlog("after"); exit; }')).toEqual([
    'store [null,null,null,null]',
    'log -1 after',
    'log -1 on',
  ]);
});

test('for in iterates over all values, and break leaves it', () => {
  expect(ran('for ($var(v) in $(hdr(Via)[*])) xlog("$(var(v){via.host})");', request())).toEqual(['log -1 127.0.0.1', 'log -1 127.0.0.2']);
  const script = '$avp(x) = 1; $avp(x) = 2; $avp(x) = 3; for ($var(v) in $(avp(x)[*])) { if ($var(v) == 2) break; xlog("$var(v)"); }';
  expect(ran(script)).toEqual(['log -1 3']);
  expect(ran('for ($var(v) in $avp(none)) xlog("never"); xlog("end");')).toEqual(['log -1 end']);
  expect(compiled('for ($var(v) of $avp(x)) exit;').text).toContain("expected 'in', found 'of'");
});

test('a string may span several lines', () => {
  expect(ran('xlog("one\n  $rm\ntwo"); xlog(\'a\nb\');')).toEqual(['log -1 one\n  INVITE\ntwo', 'log -1 a\nb']);
  expect(compiled('xlog("one);\nxlog("two");').text).toContain('s.cfg:1:6: unterminated string');
});

test('flags by their variables, and as setflag() sets them', () => {
  expect(
    ran('$msg.flag(a) = true; if (isflagset("a")) xlog("set $msg.flag(a) $msg.flag(b)"); $msg.flag(a) = false; xlog("$msg.flag(a)");'),
  ).toEqual(['log -1 set 1 0', 'log -1 0']);
  expect(ran('$branch.flag(a) = 1; if (isbflagset("a") && !isflagset("a")) xlog("branch");')).toEqual(['log -1 branch']);
});

test('the route that runs', () => {
  expect(ran('xlog("$route $route.type"); route(a); route[a] { xlog("$route $route.name $route.type"); }')).toEqual([
    'log -1 route route',
    'log -1 route[a] a route',
  ]);
});

test('contacts of all Contact headers', () => {
  const two = REQUEST.replace(/^(Contact: .*)$/m, '$1, "B, C" <sip:b,c@x>;q=1\r\nContact: <sip:d@y>;expires=5');
  const script = 'for ($var(c) in $(ct[*])) xlog("$var(c)"); xlog("$(ct.fields(uri)[1]) $(ct.fields(expires)[-1]) $(ct.fields(q)[*])");';
  expect(ran(script, new Recording(messageOf(two.replace(/\r\r/g, '\r'))))).toEqual([
    'log -1 "A" <sip:alice@10.0.0.1:5062;lr>;expires=60;q=0.3',
    'log -1 "B, C" <sip:b,c@x>;q=1',
    'log -1 <sip:d@y>;expires=5',
    'log -1 sip:b,c@x 5 0.3,1,<null>',
  ]);
});

test('$(avp(x)[append]) adds the oldest value', () => {
  expect(ran('$avp(x) = 1; $(avp(x)[append]) = 2; $avp(x) = 0; xlog("$(avp(x)[*])");')).toEqual(['log -1 0,1,2']);
  expect(compiled('xlog("$(avp(x)[append])");').text).toContain('$avp with [append] can only be set');
});

test('$rb of a type is the body, or its part in a multipart body (RFC 2046)', () => {
  const script = 'xlog("$rb(application/sdp)"); xlog("$rb(text/plain)");';
  expect(ran(script, request())).toEqual([`log -1 ${BODY}`, 'log -1 <null>']);
  const parts = '--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\nContent-Type: application/sdp; x=1\r\n\r\nv=0\r\n--b1--\r\n';
  const multipart = REQUEST.replace('application/sdp', 'multipart/mixed;boundary="b1"')
    .replace(BODY, parts)
    .replace(/Content-Length: \d+/, `Content-Length: ${parts.length}`);
  expect(ran(script, new Recording(messageOf(multipart)))).toEqual(['log -1 v=0', 'log -1 hello']);
});

test('pv_printf() sets a variable', () => {
  expect(ran('pv_printf("$var(x)", "a $rm"); pv_printf($avp(y), "b"); xlog("$var(x) $avp(y)");')).toEqual(['log -1 a INVITE b']);
});

test('$stat can be set, and its name may contain variables', () => {
  expect(
    ran(
      'update_stat("m::INVITE", 5); xlog("$stat(m::$rm) $(stat(m::$rm){s.len})"); $stat(m::$rm) = 2; $stat(new) = NULL; xlog("$stat(m::INVITE) $stat(new)");',
    ),
  ).toEqual(['log -1 5 1', 'log -1 2 0']);
  expect(ran('$stat(x) = "many"; xlog("$stat(x)");')).toEqual(["failed s.cfg:1:1 invalid number 'many'", 'log -1 <null>']);
});
