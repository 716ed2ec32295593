/** The 49 situations of RFC 4475 in renderings of our own, and what is read out of them; `refused` has no SIP start line. */
import type { SipFields } from '../../src/lib/base/index.js';
import { sipBytes } from '../rigs/sip.js';

export interface Torture {
  section: string;
  name: string;
  payload: Buffer;
  refused?: true;
  expected: Partial<SipFields>;
}
const rows: Torture[] = [];

/** The usual headers, of which a message may replace some (by their name up to the colon). */
function headers(name: string, method: string, changes: readonly string[]): string[] {
  const usual = [
    'Via: SIP/2.0/UDP pad.example;branch=z9hG4bKtorture',
    'From: <sip:ann@a.example>;tag=f1',
    'To: <sip:ben@b.example>',
    `Call-ID: ${name}.torture`,
    `CSeq: 10 ${method}`,
    'Max-Forwards: 70',
  ];
  const nameOf = (line: string) => line.slice(0, line.indexOf(':')).trim().toLowerCase();
  const changed = new Set(changes.map(nameOf));
  return [...usual.filter((line) => !changed.has(nameOf(line))), ...changes.filter((line) => !line.endsWith(': -'))];
}

function add(section: string, name: string, startLine: string, changes: readonly string[], expected: Partial<SipFields>, body = ''): void {
  const method = startLine.startsWith('SIP/') ? 'INVITE' : startLine.trim().split(/\s/)[0];
  rows.push({
    section,
    name,
    payload: sipBytes(startLine, headers(name, method, changes), body),
    expected: { callId: `${name}.torture`, ...expected },
  });
}

// 3.1.1 Valid messages
rows.push({
  section: '3.1.1.1',
  name: 'wsinv',
  payload: sipBytes('INVITE sip:ben@b.example;unknown=1 SIP/2.0', [
    'TO :\r\n sip:ben@b.example ;   tag    = t77',
    'from   : "A \\\\\\"nn"       <sip:ann@a.example>\r\n  ;\r\n  tag = f77',
    'MaX-fOrWaRdS: 0068',
    'Call-ID: wsinv.torture',
    'cseq: 0009\r\n  INVITE',
    'Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=z9hG4bKw',
    'NewFangled:   new\r\n continued newfangled',
    'v:  SIP  / 2.0  / TCP     spare.example   ;\r\n  branch  =   z9hG4bKsecond',
    'm:"Q" <sip:ann@a.example> ; newparam = x ;\r\n  q = 0.33',
  ]),
  expected: {
    fromUser: 'ann',
    fromTag: 'f77',
    toUser: 'ben',
    toTag: 't77',
    cseq: '0009\r\n  INVITE',
    viaBranch: 'z9hG4bKw',
    contactUser: 'ann',
    broken: [],
  },
});
add('3.1.1.2', 'intmeth', "!odd-Method.1*+`%'~ sip:u.~(x)&'=$/,;?*:pw!@b.example SIP/2.0", [], {
  method: "!odd-Method.1*+`%'~",
  ruriUser: "u.~(x)&'=$/,;?*",
  ruriDomain: 'b.example',
  broken: [],
});
add('3.1.1.3', 'esc01', 'INVITE sip:sips%3Ann%40a.example@b.example SIP/2.0', ['From: <sip:I%20have%20spaces@a.example>;tag=f1'], {
  ruriUser: 'sips%3Ann%40a.example',
  fromUser: 'I%20have%20spaces',
  broken: [],
});
add('3.1.1.4', 'escnull', 'REGISTER sip:b.example SIP/2.0', ['To: sip:null-%00-null@b.example'], { toUser: 'null-%00-null', broken: [] });
add('3.1.1.5', 'esc02', 'RE%47IST%45R sip:b.example SIP/2.0', ['To: "%Z%45" <sip:r%65source@b.example>'], {
  method: 'RE%47IST%45R',
  toUser: 'r%65source',
  broken: [],
});
add('3.1.1.6', 'lwsdisp', 'OPTIONS sip:ben@b.example SIP/2.0', ['From: ann<sip:ann@a.example>;tag=f1'], {
  fromUser: 'ann',
  fromTag: 'f1',
  broken: [],
});
add(
  '3.1.1.7',
  'longreq',
  `INVITE sip:${'long'.repeat(60)}@b.example SIP/2.0`,
  [`From: "${'long '.repeat(200)}" <sip:${'very'.repeat(80)}@a.example>;tag=${'t'.repeat(600)}`, `Call-ID: ${'c'.repeat(900)}`],
  { callId: 'c'.repeat(900), ruriUser: 'long'.repeat(60), fromUser: 'very'.repeat(80), fromTag: 't'.repeat(600), broken: [] },
);
add(
  '3.1.1.8',
  'dblreq',
  'REGISTER sip:b.example SIP/2.0',
  ['Content-Length: 0'],
  { method: 'REGISTER', contentLength: 0, broken: [] },
  'INVITE sip:second@b.example SIP/2.0\r\nCall-ID: not this\r\n\r\n',
);
add('3.1.1.9', 'semiuri', 'OPTIONS sip:user;par=u%40b.example@b.example SIP/2.0', [], {
  ruriUser: 'user;par=u%40b.example',
  ruriDomain: 'b.example',
  broken: [],
});
add(
  '3.1.1.10',
  'transports',
  'OPTIONS sip:ben@b.example SIP/2.0',
  ['Via: SIP/2.0/UNKNOWN t6.example;branch=z9hG4bKu', 'Via: SIP/2.0/SCTP t3.example;branch=z9hG4bKs'],
  { via: 'SIP/2.0/UNKNOWN t6.example;branch=z9hG4bKu', broken: [] },
);
add(
  '3.1.1.11',
  'mpart01',
  'MESSAGE sip:ben@b.example SIP/2.0',
  ['Content-Type: multipart/mixed;boundary=edge', 'Content-Length: 52'],
  { contentType: 'multipart/mixed;boundary=edge', broken: [] },
  '--edge\r\nContent-Type: text/plain\r\n\r\nhello\0\xff\r\n--edge--',
);
add('3.1.1.12', 'unreason', 'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять', [], {
  kind: 2,
  method: '200',
  replyReason: '= 2**3 * 5**2 но сто девяносто девять',
  broken: [],
});
add('3.1.1.13', 'noreason', 'SIP/2.0 100 ', [], { kind: 2, method: '100', replyReason: '', broken: [] });

// 3.1.2 Invalid messages
add(
  '3.1.2.1',
  'badinv01',
  'INVITE sip:ben@b.example SIP/2.0',
  ['Via: SIP/2.0/UDP 192.0.2.15;;,;,,', 'Contact: "Joe" <sip:joe@a.example>;;;;'],
  { via: 'SIP/2.0/UDP 192.0.2.15;;,;,,', viaBranch: '', contactUser: 'joe' },
);
add('3.1.2.2', 'clerr', 'INVITE sip:ben@b.example SIP/2.0', ['Content-Length: 9999'], { contentLength: 9999, broken: [] }, 'v=0\r\n');
add('3.1.2.3', 'ncl', 'INVITE sip:ben@b.example SIP/2.0', ['Content-Length: -999'], { contentLength: -1 });
add('3.1.2.4', 'scalar02', 'REGISTER sip:b.example SIP/2.0', ['CSeq: 36893488147419103232 REGISTER', 'Max-Forwards: 300'], {
  cseq: '36893488147419103232 REGISTER',
  broken: [],
});
add(
  '3.1.2.5',
  'scalarlg',
  'SIP/2.0 503 Service Unavailable',
  ['CSeq: 9292394834772304023312 OPTIONS', 'Retry-After: 949302838503028349304023988'],
  { method: '503', cseq: '9292394834772304023312 OPTIONS' },
);
add('3.1.2.6', 'quotbal', 'INVITE sip:ben@b.example SIP/2.0', ['To: "Mr. Ben <sip:ben@b.example>'], { toUser: '', broken: ['to'] });
add('3.1.2.7', 'ltgtruri', 'INVITE <sip:ben@b.example> SIP/2.0', [], { ruri: '<sip:ben@b.example>', ruriUser: 'ben', broken: [] });
add('3.1.2.8', 'lwsruri', 'INVITE sip:ben@b.example; lr SIP/2.0', [], {
  ruri: 'sip:ben@b.example; lr',
  ruriUser: 'ben',
  ruriDomain: 'b.example',
});
add('3.1.2.9', 'lwsstart', 'INVITE  sip:ben@b.example  SIP/2.0', [], { ruri: 'sip:ben@b.example', ruriUser: 'ben', broken: [] });
add('3.1.2.10', 'trws', 'OPTIONS sip:ben@b.example SIP/2.0  ', [], { ruri: 'sip:ben@b.example', ruriDomain: 'b.example', broken: [] });
add('3.1.2.11', 'escruri', 'INVITE sip:ben@b.example?Route=%3Csip:x.example%3E SIP/2.0', [], {
  ruriUser: 'ben',
  ruriDomain: 'b.example',
  broken: [],
});
add('3.1.2.12', 'baddate', 'INVITE sip:ben@b.example SIP/2.0', ['Date: Fri, 01 Jan 2010 16:00:00 EST'], { broken: [] });
add('3.1.2.13', 'regbadct', 'REGISTER sip:b.example SIP/2.0', ['Contact: sip:ann@a.example?Route=%3Csip:x.example%3E'], {
  contactUser: 'ann',
  contactHost: 'a.example',
});
add('3.1.2.14', 'badaspec', 'OPTIONS sip:ben@b.example SIP/2.0', ['To: "Watson" < sip:ben@b.example >'], {
  toUser: 'ben',
  toDomain: 'b.example',
  broken: [],
});
add('3.1.2.15', 'baddn', 'OPTIONS sip:ben@b.example SIP/2.0', ['From: Bell, Ann <sip:ann@a.example>;tag=43'], {
  fromUser: 'ann',
  fromTag: '43',
  broken: [],
});
add('3.1.2.16', 'badvers', 'OPTIONS sip:ben@b.example SIP/7.0', ['Via: SIP/7.0/UDP pad.example;branch=z9hG4bKv7'], {
  method: 'OPTIONS',
  viaBranch: 'z9hG4bKv7',
  broken: [],
});
add('3.1.2.17', 'mismatch01', 'OPTIONS sip:ben@b.example SIP/2.0', ['CSeq: 8 INVITE'], { method: 'OPTIONS', cseq: '8 INVITE', broken: [] });
add('3.1.2.18', 'mismatch02', 'NEWMETHOD sip:ben@b.example SIP/2.0', ['CSeq: 8 INVITE'], {
  method: 'NEWMETHOD',
  cseq: '8 INVITE',
  broken: [],
});
// The status is no status: not three digits, so the line is no status line (RFC 3261 section 25.1).
rows.push({
  section: '3.1.2.19',
  name: 'bigcode',
  payload: sipBytes('SIP/2.0 4294967301 too big', headers('bigcode', 'OPTIONS', [])),
  refused: true,
  expected: {},
});

// 3.2 and 3.3 Transaction and application layer
add('3.2', 'badbranch', 'OPTIONS sip:ben@b.example SIP/2.0', ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK'], {
  viaBranch: 'z9hG4bK',
  broken: [],
});
rows.push({
  section: '3.3.1',
  name: 'insuf',
  payload: sipBytes('INVITE sip:ben@b.example SIP/2.0', ['CSeq: 193942 INVITE', 'Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKi']),
  expected: { callId: '', fromUser: '', toUser: '', cseq: '193942 INVITE', broken: [] },
});
add('3.3.2', 'unkscm', 'OPTIONS nobodyKnows:something SIP/2.0', [], { ruri: 'nobodyKnows:something', ruriUser: '', broken: ['ruri'] });
add('3.3.3', 'novelsc', 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', [], {
  ruri: 'soap.beep://192.0.2.103:3002',
  ruriUser: '',
  broken: ['ruri'],
});
add(
  '3.3.4',
  'unksm2',
  'REGISTER sip:b.example SIP/2.0',
  ['To: isbn:2983792873', 'From: <http://www.a.example>;tag=3234', 'Contact: <name:Ann>'],
  { toUser: '', fromUser: '', fromTag: '3234', contactHost: '', broken: ['from', 'to', 'contact'] },
);
add('3.3.5', 'bext01', 'OPTIONS sip:ben@b.example SIP/2.0', ['Require: nothingSupportsThis', 'Proxy-Require: noProxiesSupportThis'], {
  broken: [],
});
add(
  '3.3.6',
  'invut',
  'INVITE sip:ben@b.example SIP/2.0',
  ['Content-Type: application/unknownformat'],
  { contentType: 'application/unknownformat', broken: [] },
  '<audio>data</audio>',
);
add('3.3.7', 'regaut01', 'REGISTER sip:b.example SIP/2.0', ['Authorization: NoOneKnowsThisScheme opaque-data=here'], {
  auth: 'NoOneKnowsThisScheme opaque-data=here',
  authUser: '',
  broken: [],
});
add(
  '3.3.8',
  'multi01',
  'INVITE sip:ben@b.example SIP/2.0',
  ['From: <sip:ann@a.example>;tag=f1', 'From: <sip:other@a.example>;tag=f2', 'CSeq: 5 INVITE', 'CSeq: 59 INVITE'],
  { fromUser: 'ann', fromTag: 'f1', cseq: '5 INVITE', broken: [] },
);
add(
  '3.3.9',
  'mcl01',
  'OPTIONS sip:ben@b.example SIP/2.0',
  ['Content-Length: 4', 'Content-Length: 13'],
  { contentLength: 4, broken: [] },
  'There is no way',
);
add(
  '3.3.10',
  'bcast',
  'SIP/2.0 200 OK',
  ['Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bKb', 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKc'],
  { method: '200', viaBranch: 'z9hG4bKb', broken: [] },
);
add('3.3.11', 'zeromf', 'OPTIONS sip:ben@b.example SIP/2.0', ['Max-Forwards: 0'], { broken: [] });
add('3.3.12', 'cparam01', 'REGISTER sip:b.example SIP/2.0', ['Contact: sip:ann@[2001:db8::9];unknownparam'], {
  contactUser: 'ann',
  contactHost: '[2001:db8::9]',
  broken: [],
});
add('3.3.13', 'cparam02', 'REGISTER sip:b.example SIP/2.0', ['Contact: <sip:ann@a.example;unknownparam>'], {
  contactUser: 'ann',
  contactHost: 'a.example',
  broken: [],
});
add('3.3.14', 'regescrt', 'REGISTER sip:b.example SIP/2.0', ['Contact: <sip:ann@a.example?Route=%3Csip:x.example%3E>'], {
  contactUser: 'ann',
  contactHost: 'a.example',
  broken: [],
});
add(
  '3.3.15',
  'sdp01',
  'INVITE sip:ben@b.example SIP/2.0',
  ['Accept: text/nobodyKnowsThis', 'Content-Type: application/sdp'],
  { contentType: 'application/sdp', broken: [] },
  'v=0\r\n',
);
rows.push({
  section: '3.4.1',
  name: 'inv2543',
  payload: sipBytes('INVITE sip:ben@b.example SIP/2.0', [
    'Via: SIP/2.0/UDP iftgw.example',
    'From: <sip:+13035551111@a.example:5060;user=phone>',
    'To: <sip:+16505552222@b.example:5060>',
    'Call-ID: inv2543.torture',
    'CSeq: 56 INVITE',
    'Contact: sip:+13035551111@a.example:5060;transport=udp',
  ]),
  expected: { via: 'SIP/2.0/UDP iftgw.example', viaBranch: '', fromUser: '+13035551111', fromTag: '', contactPort: 5060, broken: [] },
});

export const tortureMessages: readonly Torture[] = rows;
