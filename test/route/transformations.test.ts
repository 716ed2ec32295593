/** Every transformation by its documentation: value, expression, result. */
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
  ['abc', '{s.int}', '0'],
  ['2868.12 sec', '{s.int}', '2868'],
  [' 7', '{s.int}', '0'],
  ['abc', '{s.md5}', '900150983cd24fb0d6963f7d28e17f72'],
  ['abc', '{s.sha1}', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abc', '{s.sha256}', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abc', '{s.sha224}', '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
  ['abc', '{s.sha384}{s.substr,0,8}', 'cb00753f'],
  ['abc', '{s.sha512}{s.substr,0,8}', 'ddaf35a1'],
  // RFC 2202 and 4231, second test each.
  ['what do ya want for nothing?', '{s.sha1_hmac,Jefe}', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
  ['what do ya want for nothing?', '{s.sha224_hmac, Jefe}{s.substr,0,8}', 'a30e0109'],
  ['what do ya want for nothing?', '{s.sha256_hmac,Jefe}{s.substr,0,8}', '5bdcc146'],
  ['what do ya want for nothing?', '{s.sha384_hmac,Jefe}{s.substr,0,8}', 'af45d2e3'],
  ['what do ya want for nothing?', '{s.sha512_hmac,Jefe}{s.substr,0,8}', '164b7a7b'],
  ['x', '{s.sha1_hmac,$avp(none)}', null],
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
  ['12,,56', '{s.select,1,,}', ''],
  ['12,34,56', '{s.select,-2,,}', '34'],
  ['one two one', '{s.index,one}', '0'],
  ['one two one', '{s.index,one,1}', '8'],
  ['one two one', '{s.index,three}', null],
  ['onetwothreeone', '{s.index, one, 3}', '11'],
  ['onetwothreeone', '{s.index, one, -11}', '11'],
  ['onetwothreeone', '{s.index, one, -25}', '11'],
  ['onetwothreeone', '{s.index, $var(one)}', '0'],
  ['onetwothreeone', '{s.rindex, $var(one)}', '11'],
  ['onetwothreeone', '{s.rindex, $var(one), -3}', '11'],
  ['onetwothreeone', '{s.rindex, one, 11}', '11'],
  ['one', '{s.index,}', null],
  ['one', '{s.rindex,$avp(none)}', null],
  ['two', '{s.rindex,one}', null],
  ['one two one', '{s.rindex,one}', '8'],
  ['one two one', '{s.rindex,one,-4}', '0'],
  ['AB\u00e9', '{s.encode.hexa}', '4142c3a9'],
  ['4142', '{s.decode.hexa}', 'AB'],
  ['414', '{s.decode.hexa}', 'A'],
  ['4x', '{s.decode.hexa}', null],
  ['e9', '{s.decode.hexa}{s.encode.hexa}', 'e9'],
  ['hello', '{s.b64encode}', 'aGVsbG8='],
  ['aGVsbG8=', '{s.b64decode}', 'hello'],
  ['aGVs*G8=', '{s.b64decode}', 'hel'],
  ['/+8=', '{s.b64decode}{s.encode.hexa}', 'ffef'],
  ['AgMEBSFAIyVeJio=', '{s.b64decode}{s.b64encode}', 'AgMEBSFAIyVeJio='],
  ["it's", '{s.escape.common}', "it\\\\'s"],
  ["it\\\\'s", '{s.unescape.common}', "it's"],
  ['a b', '{s.escape.user}', 'a%20b'],
  ['a%20b%C3%A9', '{s.unescape.user}', 'a b\u00e9'],
  ['a;b=c', '{s.escape.param}', 'a%3Bb%3Dc'],
  ['a%3Bb', '{s.unescape.param}', 'a;b'],
  ['AbC\u00c9', '{s.tolower}', 'abc\u00c9'],
  ['AbC\u00df', '{S.ToUpper}', 'ABC\u00df'],
  ['abc', '{s.reverse}', 'cba'],
  ['abc', '{s.rev}', 'cba'],
  ['  a  ', '{s.trim}', 'a'],
  ['  a  ', '{s.triml}', 'a  '],
  ['  a  ', '{s.trimr}', '  a'],
  ['7', '{s.fill.left,0,3}', '007'],
  ['7', '{s.fill.right,0,3}', '700'],
  ['7777', '{s.fill.left,0,3}', '7777'],
  ['485', '{s.fill.left, 0, 6}', '000485'],
  ['485', '{s.fill.left, abc, 8}', 'bcabc485'],
  ['485', '{s.fill.right, abc, 8}', '485abcab'],
  ['485', "{s.fill.left,' ',5}", '  485'],
  ['\t \n input string  \r  ', '{s.trim}', 'input string'],
  ['abcdef', '{s.width,3}', 'abc'],
  ['ab', '{s.width, 4}', 'ab  '],
  ['ab', '{s.width,0}', null],
  ['255', '{s.dec2hex}', 'ff'],
  ['-1', '{s.dec2hex}', 'ffffffff'],
  ['0xff', '{s.hex2dec}', '255'],
  ['Sun, 13 Sep 2020 12:26:40 GMT', '{s.date2unix}', '1600000000'],
  ['yesterday', '{s.date2unix}', null],
  ['aaaaaabbbbbb', '{s.xor,x}{s.encode.hexa}', '1919191919191a1a1a1a1a1a'],
  ['secret \u00e9', '{s.xor,$var(one)}{s.b64encode}{s.b64decode}{s.xor,one}', 'secret \u00e9'],
  ['$$rm and $$(ci{s.len})', '{s.eval}', 'INVITE and 6'],
  ['$$nothing $$var(never)', '{s.eval}', '<null> <null>'],
  [URI, '{uri.schema}', 'sip'],
  [URI, '{uri.user}', 'alice'],
  [URI, '{uri.passwd}', 'secret'],
  [URI, '{uri.host}', 'a.example'],
  [URI, '{uri.domain}', 'a.example'],
  [NAME, '{uri.user}', null],
  ['alice', '{uri.host}', null],
  ['', '{uri.host}', null],
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
  [URI, '{uri.lr}', null],
  [URI, '{uri.param,lr}', ''],
  [URI, '{uri.r2}', 'on'],
  [VIA, '{via.name}', 'SIP'],
  [VIA, '{via.version}', '2.0'],
  [VIA, '{via.transport}', 'TLS'],
  [VIA, '{via.host}', '10.0.0.1'],
  [VIA, '{via.domain}', '10.0.0.1'],
  ['SIP/2.0/UDP 10.0.0.1;rport;branch=z', '{via.rport}', null],
  ['SIP/2.0/UDP 10.0.0.1;rport;branch=z', '{via.param,rport}', ''],
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
  ['"first" <sip:1@x>;a=1, "second" <sip:2@x>;a=2', '{nameaddr.name}', '"first"'],
  ['"first" <sip:1@x>;a=1, "second" <sip:2@x>;a=2', '{nameaddr.param,a}', '1'],
  ['"first" <sip:1@x>;a=1, "second" <sip:2@x>;a=2', '{nameaddr.1.uri}', 'sip:2@x'],
  ['"first" <sip:1@x>;a=1, "second" <sip:2@x>;a=2', '{nameaddr.-1.name}', '"second"'],
  ['"first" <sip:1@x>;a=1, "second" <sip:2@x>;a=2', '{nameaddr.2.name}', null],
  ['a=1;b="x;y";c', '{param.value,b}', 'x;y'],
  ['a=1;b=2;c', '{param.exist,c}', '1'],
  ['a=1;b=2;c', '{param.exist,d}', '0'],
  ['a=1;b=2;c', '{param.valueat,1}', '2'],
  ['a=1;B=2;c', '{param.name,1}', 'B'],
  ['a=1;b=2;c', '{param.count}', '3'],
  ['a,b,c', '{csv.count}', '3'],
  ['a,b,c', '{csv.value,2}', 'c'],
  ['a,"b,""x",c', '{csv.value,-2}', 'b,"x'],
  ['INVITE, ACK', '{csv.value,1}', ' ACK'],
  ['a,', '{csv.count}', '2'],
  ['a,"b', '{csv.count}', null],
  ['', '{csv.count}', null],
  ['a', '{csv.value,1}', null],
  [SDP, '{sdp.line,m}', 'm=audio 4000 RTP/AVP 0'],
  [SDP, '{sdp.line,a,1}', 'a=ptime:20'],
  [SDP, '{sdp.line,k}', null],
  [SDP, '{sdp.stream,1}', 'm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  [SDP, '{sdp.stream,-1}', 'm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  [SDP, '{sdp.stream,7}', null],
  [SDP, '{sdp.stream-delete,0}', 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\nm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  [SDP, '{sdp.stream-delete,VIDEO}{s.index,video}', null],
  [SDP, '{sdp.stream-delete,image}', null],
  [SDP, '{sdp.stream,video}', 'm=video 4002 RTP/AVP 31\r\na=sendonly\r\n'],
  ['10.0.0.1', '{ip.pton}{s.encode.hexa}', '0a000001'],
  ['10.0.0.1', '{ip.pton}{ip.ntop}', '10.0.0.1'],
  ['195.169.195.169', '{ip.pton}{ip.ntop}', '195.169.195.169'],
  ['192.168.0.1', '{ip.pton}{s.encode.hexa}', 'c0a80001'],
  ['x', '{ip.isip}', '0'],
  ['::1', '{ip.isip}', '1'],
  ['::1', '{ip.isip4}', '0'],
  ['[::1]', '{ip.isip6}', '1'],
  ['::1', '{ip.family}', 'INET6'],
  ['10.0.0.1', '{ip.pton}{ip.family}', 'INET'],
  ['10.1.2.3', '{ip.matches,10.0.0.0/8}', '1'],
  ['10.1.2.3', '{ip.matches,10.0.0.0/255.255.0.0}', '0'],
  ['2001:db8::7', '{ip.matches,2001:db8::/32}', '1'],
  ['10.1.2.3', '{ip.matches,2001:db8::/32}', null],
  ['10.1.2.3', '{ip.matches,10.1.2.3}', null],
  ['x', '{ip.matches,10.0.0.0/8}', null],
  ['192.168.1.1', '{ip.isprivate}', '1'],
  ['100.64.1.1', '{ip.isprivate}', '1'],
  ['fd00::1', '{ip.isprivate}', '0'],
  ['8.8.8.8', '{ip.isprivate}', '0'],
  ['sip:+49301234@x', '{re.subst,/^sip:\\\\+49([0-9]+)@.*$/0\\\\1/}', '0301234'],
  ['aXbXc', '{re.subst,/x/-/gi}', 'a-b-c'],
  ['aXbXc', '{re.subst,|X|/|}', 'a/bXc'],
  ['abc', '{re.subst,/(b)/[\\\\0\\\\1]/}', 'a[bb]c'],
  ['abc', '{re.subst,/b/$rm/}', 'aINVITEc'],
  ['abc', '{re.subst,/b/\\\\$rm\\\\t\\\\u/}', 'a$rm\tsip:bob@127.0.0.9c'],
  ['one\ntwo\nthree', '{re.subst,/^t.*$/X/g}', 'one\nX\nX'],
  ['one\ntwo\nthree', '{re.subst,/e.t[^x]*/X/s}', 'onX'],
  ['one\ntwo', '{re.subst,/e[^x]*/X/}', 'onX\ntwo'],
  ['a12345b', '{re.subst,/[0-9]\\\\{3\\\\}/X/}', 'aX45b'],
  ['a12345b', '{re.subst,/[0-9]{3}/X/}', 'aX45b'],
  ['abc', '{re.subst,/z/X/}', 'abc'],
  ['', '{re.subst,/z/X/}', null],
  [NAME, '{nameaddr.uri}{uri.host}{s.toupper}{s.substr,0,1}', 'A'],
  ['none', '{uri.port}{s.len}', null],
  ['alice', '{s.substr,$var(from),$(rm{s.len})}', 'ice'],
];

test.each(ROWS)('%j %s', (value, transformations, result) => {
  const literal = value.replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  const script = `$var(from) = 2; $var(one) = "one"; $var(x) = "${literal}"; xlog("$(var(x)${transformations.replaceAll('\\\\', '\\')})");`;
  expect(ran(script)).toEqual([`log -1 ${(result ?? '<null>').replaceAll('\\\\', '\\')}`]);
});

test('every transformation has a row', () => {
  const tested = new Set(ROWS.flatMap(([, text]) => [...text.matchAll(/\{([a-z0-9._-]+)/g)].map(([, name]) => name)));
  expect(TRANSFORMATIONS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

test('no value stays no value, and numbers are text', () => {
  expect(ran('xlog("$(hdr(X-None){s.len}{s.int})"); xlog("$(rs{s.len})"); xlog("$(ml{s.len})");')).toEqual([
    'log -1 <null>',
    'log -1 <null>',
    'log -1 3',
  ]);
});

test.each([
  ['{s.lenn}', 'unknown transformation {s.lenn}\n', "did you mean 's.len'?"],
  ['{s.substr}', '{s.substr} does not take 0 arguments', 'write {s.substr,offset,[length]}'],
  ['{re.subst,/a/}', "invalid substitution '/a/'", 'write {re.subst,/pattern/replacement/[flags]}'],
  ['{re.subst,/(/b/}', 'invalid pattern: missing closing )', ''],
])('%s is rejected when the script is loaded', (transformations, error, repair) => {
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
    'log -1 127.0.0.9 bob',
    "failed s.cfg:1:96 invalid substitution 'a': expected /pattern/replacement/flags",
    'log -1 <null>',
  ]);
});
