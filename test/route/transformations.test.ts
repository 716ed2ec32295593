/** Every transformation by what its documentation says: of a value, written so, comes this. */
import { expect, test } from '@jest/globals';
import { TRANSFORMATIONS } from '../../src/lib/route/transformations.js';
import { Recording, compiled, messageOf, ran } from './recording.js';

const URI = 'sip:alice:secret@a.example:5070;transport=tcp;lr;ttl=3;maddr=m.example;method=INVITE;user=phone;r2=on?X=1';
const VIA = 'SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bK7;received=10.9.9.9;rport=4321 (lab)';
const NAME = '"A. Liddell" <sip:alice@a.example;lr>;tag=77;q=0.5';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\na=ptime:20\r\nm=video 4002 RTP/AVP 31\r\na=sendonly\r\n';

/** Value, transformations, result; null is no value. */
const ROWS: readonly [value: string, transformations: string, result: string | null][] = [
  ['hello', '{s.len}', '5'],
  ['42abc', '{s.int}', '42'],
  ['-7', '{s.int}', '-7'],
  ['abc', '{s.int}', null],
  ['abc', '{s.md5}', '900150983cd24fb0d6963f7d28e17f72'],
  ['abc', '{s.sha1}', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abc', '{s.sha256}', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['123456789', '{s.crc32}', '3421780262'],
  ['opensips', '{s.substr,4,2}', 'si'],
  ['opensips', '{s.substr,-4,0}', 'sips'],
  ['opensips', '{s.substr,4}', 'sips'],
  ['opensips', '{s.substr,2,-2}', 'ensi'],
  ['opensips', '{s.substr,2,99}', 'ensips'],
  ['opensips', '{s.substr,99,1}', null],
  ['12,34,56', '{s.select,1,,}', '34'],
  ['12 34 56', '{s.select,1, }', '34'],
  ['12@34@56', '{s.select,-1,@}', '56'],
  ['12@34@56', '{s.select,9,@}', null],
  ['one two one', '{s.index,one}', '0'],
  ['one two one', '{s.index,one,1}', '8'],
  ['one two one', '{s.index,three}', '-1'],
  ['one two one', '{s.rindex,one}', '8'],
  ['one two one', '{s.rindex,one,-4}', '0'],
  ['AB\u00e9', '{s.encode.hexa}', '4142c3a9'],
  ['4142', '{s.decode.hexa}', 'AB'],
  ['4', '{s.decode.hexa}', null],
  ['hello', '{s.b64encode}', 'aGVsbG8='],
  ['aGVsbG8=', '{s.b64decode}', 'hello'],
  ["it's", '{s.escape.common}', "it\\\\'s"],
  ["it\\\\'s", '{s.unescape.common}', "it's"],
  ['a b', '{s.escape.user}', 'a%20b'],
  ['a%20b%C3%A9', '{s.unescape.user}', 'a b\u00e9'],
  ['a;b=c', '{s.escape.param}', 'a%3Bb%3Dc'],
  ['a%3Bb', '{s.unescape.param}', 'a;b'],
  ['AbC', '{s.tolower}', 'abc'],
  ['AbC', '{s.toupper}', 'ABC'],
  ['abc', '{s.reverse}', 'cba'],
  ['abc', '{s.rev}', 'cba'],
  ['  a  ', '{s.trim}', 'a'],
  ['  a  ', '{s.triml}', 'a  '],
  ['  a  ', '{s.trimr}', '  a'],
  ['7', '{s.fill.left,0,3}', '007'],
  ['7', '{s.fill.right,0,3}', '700'],
  ['7777', '{s.fill.left,0,3}', '7777'],
  ['abcdef', '{s.width,3}', 'abc'],
  ['ab', '{s.width,4}', 'ab  '],
  ['255', '{s.dec2hex}', 'ff'],
  ['0xff', '{s.hex2dec}', '255'],
  ['Sun, 13 Sep 2020 12:26:40 GMT', '{s.date2unix}', '1600000000'],
  ['yesterday', '{s.date2unix}', null],
  ['ab', '{s.xor,b}', '0300'],
  ['$$rm and $$(ci{s.len})', '{s.eval}', 'INVITE and 6'],
  ['$$nothing $$var(never)', '{s.eval}', '<null> <null>'],
  [URI, '{uri.schema}', 'sip'],
  [URI, '{uri.user}', 'alice'],
  [URI, '{uri.passwd}', 'secret'],
  [URI, '{uri.host}', 'a.example'],
  ['sip:[2001:db8::1]:5060', '{uri.host}', '[2001:db8::1]'],
  [URI, '{uri.port}', '5070'],
  ['sip:a.example', '{uri.port}', null],
  ['sip:a.example', '{uri.user}', null],
  [URI, '{uri.params}', 'transport=tcp;lr;ttl=3;maddr=m.example;method=INVITE;user=phone;r2=on'],
  [URI, '{uri.headers}', 'X=1'],
  [URI, '{uri.param,ttl}', '3'],
  [URI, '{uri.param,none}', null],
  [URI, '{uri.transport}', 'tcp'],
  [URI, '{uri.ttl}', '3'],
  [URI, '{uri.uparam}', 'phone'],
  [URI, '{uri.maddr}', 'm.example'],
  [URI, '{uri.method}', 'INVITE'],
  [URI, '{uri.lr}', ''],
  [URI, '{uri.r2}', 'on'],
  [VIA, '{via.name}', 'SIP'],
  [VIA, '{via.version}', '2.0'],
  [VIA, '{via.transport}', 'TLS'],
  [VIA, '{via.host}', '10.0.0.1'],
  [VIA, '{via.port}', '5061'],
  [VIA, '{via.comment}', 'lab'],
  [VIA, '{via.params}', 'branch=z9hG4bK7;received=10.9.9.9;rport=4321'],
  [VIA, '{via.param,rport}', '4321'],
  [VIA, '{via.branch}', 'z9hG4bK7'],
  [VIA, '{via.received}', '10.9.9.9'],
  [VIA, '{via.rport}', '4321'],
  ['nothing', '{via.host}', null],
  [NAME, '{nameaddr.name}', '"A. Liddell"'],
  [NAME, '{nameaddr.uri}', 'sip:alice@a.example;lr'],
  [NAME, '{nameaddr.len}', String(NAME.length)],
  [NAME, '{nameaddr.param,tag}', '77'],
  [NAME, '{nameaddr.params}', 'tag=77;q=0.5'],
  ['a=1;b="x;y";c', '{param.value,b}', 'x;y'],
  ['a=1;b=2;c', '{param.exist,c}', '1'],
  ['a=1;b=2;c', '{param.exist,d}', '0'],
  ['a=1;b=2;c', '{param.valueat,1}', '2'],
  ['a=1;B=2;c', '{param.name,1}', 'B'],
  ['a=1;b=2;c', '{param.count}', '3'],
  ['a,b,c', '{csv.count}', '3'],
  ['a,b,c', '{csv.value,2}', 'c'],
  ['a, "b,""x", c', '{csv.value,-2}', 'b,"x'],
  ['a', '{csv.value,1}', null],
  [SDP, '{sdp.line,m}', 'm=audio 4000 RTP/AVP 0'],
  [SDP, '{sdp.line,a,1}', 'a=ptime:20'],
  [SDP, '{sdp.line,k}', null],
  [SDP, '{sdp.stream,1}', 'm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  [SDP, '{sdp.stream,video}', 'm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  ['10.0.0.1', '{ip.pton}{s.encode.hexa}', '0a000001'],
  ['10.0.0.1', '{ip.pton}{ip.ntop}', '10.0.0.1'],
  ['x', '{ip.isip}', '0'],
  ['::1', '{ip.isip}', '1'],
  ['::1', '{ip.isip4}', '0'],
  ['[::1]', '{ip.isip6}', '1'],
  ['::1', '{ip.family}', 'INET6'],
  ['10.0.0.1', '{ip.pton}{ip.family}', 'INET'],
  ['10.1.2.3', '{ip.matches,10.0.0.0/8}', '1'],
  ['10.1.2.3', '{ip.matches,10.0.0.0/255.255.0.0}', '0'],
  ['2001:db8::7', '{ip.matches,2001:db8::/32}', '1'],
  ['192.168.1.1', '{ip.isprivate}', '1'],
  ['8.8.8.8', '{ip.isprivate}', '0'],
  ['sip:+49301234@x', '{re.subst,/^sip:\\\\+49([0-9]+)@.*$/0\\\\1/}', '0301234'],
  ['aXbXc', '{re.subst,/x/-/gi}', 'a-b-c'],
  ['aXbXc', '{re.subst,|X|/|}', 'a/bXc'],
  ['abc', '{re.subst,/(b)/[\\\\0\\\\1]/}', 'a[bb]c'],
  ['abc', '{re.subst,/b/$rm/}', 'aINVITEc'],
  [NAME, '{nameaddr.uri}{uri.host}{s.toupper}{s.substr,0,1}', 'A'],
  ['none', '{uri.port}{s.len}', null],
  ['alice', '{s.substr,$var(from),$(rm{s.len})}', 'ice'],
];

test.each(ROWS)('%j %s', (value, transformations, result) => {
  const literal = value.replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  const script = `$var(from) = 2; $var(x) = "${literal}"; xlog("$(var(x)${transformations.replaceAll('\\\\', '\\')})");`;
  expect(ran(script)).toEqual([`log 3 ${(result ?? '<null>').replaceAll('\\\\', '\\')}`]);
});

test('every transformation has a row', () => {
  const tested = new Set(ROWS.flatMap(([, text]) => [...text.matchAll(/\{([a-z0-9.]+)/g)].map(([, name]) => name)));
  expect(TRANSFORMATIONS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

test('what has no value stays without one, and numbers are text', () => {
  expect(ran('xlog("$(hdr(X-None){s.len}{s.int})"); xlog("$(rs{s.len})"); xlog("$(ml{s.len})");')).toEqual([
    'log 3 <null>',
    'log 3 <null>',
    'log 3 3',
  ]);
});

test.each([
  ['{s.lenn}', 'unknown transformation {s.lenn}\n', "did you mean 's.len'?"],
  ['{s.substr}', '{s.substr} does not take 0 arguments', 'write {s.substr,offset,[length]}'],
  ['{re.subst,/a/}', "invalid substitution '/a/'", 'write {re.subst,/pattern/replacement/[flags]}'],
  ['{re.subst,/(/b/}', 'invalid pattern: missing closing )', ''],
])('%s is refused when the script is loaded', (transformations, error, repair) => {
  const { program, text } = compiled(`xlog("$(rm${transformations})");`);
  expect(program).toBeNull();
  expect(text).toContain(error);
  expect(text).toContain(repair);
});

test('hostile lists and parameters take linear time', () => {
  for (const transformations of [
    '{param.count}',
    '{csv.count}',
    '{uri.param,x}',
    '{via.host}',
    '{nameaddr.param,x}',
    '{s.unescape.user}',
  ]) {
    for (const piece of ['"', '\\"', ';', ',', '%', '<', '>', '@', '(', '[', ' ']) {
      const context = new Recording(messageOf(piece.repeat(60_000 / piece.length)));
      const from = performance.now();
      ran(`$var(x) = $(mb${transformations});`, context);
      expect(performance.now() - from).toBeLessThan(1000);
    }
  }
});

test('{re.subst} takes the substitution from a variable', () => {
  const script =
    '$var(r) = \'/^sip:(.*)@(.*)$/\\2 \\1/\'; xlog("$(ru{re.subst,$var(r)})"); $var(r) = \'a\'; xlog("$(ru{re.subst,$var(r)})");';
  expect(ran(script)).toEqual([
    'log 3 127.0.0.9 bob',
    "failed s.cfg:1:96 invalid substitution 'a': expected /pattern/replacement/flags",
    'log 3 <null>',
  ]);
});
