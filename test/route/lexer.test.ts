import { expect, test } from '@jest/globals';
import { Diagnostics } from '../../src/lib/route/diagnostics.js';
import { Source } from '../../src/lib/route/source.js';
import { Lexer } from '../../src/lib/route/lexer.js';
import { DEFAULT_LIMITS } from '../../src/lib/route/limits.js';

/** `kind@line:column` for what has one spelling, `kind:text@line:column` for the rest. */
function tokensOf(text: string): { tokens: string[]; logged: string[] } {
  const source = new Source('x', text);
  const diagnostics = new Diagnostics();
  const lexer = new Lexer(source, diagnostics, DEFAULT_LIMITS);
  const tokens: string[] = [];
  for (let token = lexer.next(); token.kind !== 'end of the script'; token = lexer.next()) {
    const spelling = text.slice(token.from, token.to);
    const { line, column } = source.lineColumn(token.from);
    tokens.push(`${spelling === token.kind ? spelling : `${token.kind}:${spelling}`}@${line}:${column}`);
  }
  return { tokens, logged: diagnostics.list().map(({ message }) => message) };
}

test.each<[string, string[]]>([
  ['', []],
  ['route[a]{exit;}', ['name:route@1:1', '[@1:6', 'name:a@1:7', ']@1:8', '{@1:9', 'name:exit@1:10', ';@1:14', '}@1:15']],
  ['\ufeffexit', ['name:exit@1:2']],
  ['1 0x1f 10.0.0.1 10.0.0.0/8', ['number:1@1:1', 'number:0x1f@1:3', 'address:10.0.0.1@1:8', 'address:10.0.0.0/8@1:17']],
  ['a<=b<<c<d', ['name:a@1:1', '<=@1:2', 'name:b@1:4', '<<@1:5', 'name:c@1:7', '<@1:8', 'name:d@1:9']],
  [
    '=~ !~ != ! := += -= *= /= %= &= |= ^= && || & |',
    [
      '=~@1:1',
      '!~@1:4',
      '!=@1:7',
      '!@1:10',
      ':=@1:12',
      '+=@1:15',
      '-=@1:18',
      '*=@1:21',
      '/=@1:24',
      '%=@1:27',
      '&=@1:30',
      '|=@1:33',
      '^=@1:36',
      '&&@1:39',
      '||@1:42',
      '&@1:45',
      '|@1:47',
    ],
  ],
  ['msg:len>=4', ['name:msg:len@1:1', '>=@1:8', 'number:4@1:10']],
  ['"a\\"b" \'c\\\' "d\\\ne"', ['string:"a\\"b"@1:1', "string:'c\\'@1:8", 'string:"d\\\ne"@1:13']],
  ['$rm+$var(x)', ['variable:$rm@1:1', '+@1:4', 'variable:$var(x)@1:5']],
  [
    '$(hdr(Via)[1]) $var($avp(y)) $rU(z)',
    ['variable:$(hdr(Via)[1])@1:1', 'variable:$var($avp(y))@1:16', 'variable:$rU@1:30', '(@1:33', 'name:z@1:34', ')@1:35'],
  ],
  ['a # b\nc // d\r\ne /* f\n/* g */ h */ i', ['name:a@1:1', 'name:c@2:1', 'name:e@3:1', 'name:i@4:14']],
  ['a \\\n b', ['name:a@1:1', 'name:b@2:2']],
])('%j', (text, tokens) => {
  expect(tokensOf(text)).toEqual({ tokens, logged: [] });
});

test('a token records whether it is first on its line', () => {
  const lexer = new Lexer(new Source('x', 'a b\nc /* \n */ d'), new Diagnostics(), DEFAULT_LIMITS);
  expect([lexer.next(), lexer.next(), lexer.next(), lexer.next()].map(({ onNewLine }) => onNewLine)).toEqual([true, false, true, true]);
});

test('the rest of a line is one value, without its comment and semicolon', () => {
  const source = new Source('x', 'socket = hep_udp:10.0.0.1:9060 use_workers 4  # ours\nname="a;b#c";debug=3');
  const lexer = new Lexer(source, new Diagnostics(), DEFAULT_LIMITS);
  const value = () => {
    lexer.next();
    lexer.next();
    const { from, to } = lexer.restOfLine();
    return source.text.slice(from, to);
  };
  expect([value(), value(), value()]).toEqual(['hep_udp:10.0.0.1:9060 use_workers 4', '"a;b#c"', '3']);
});

test('past its budget the lexer reports it once and stays at the end', () => {
  const diagnostics = new Diagnostics();
  const lexer = new Lexer(new Source('x', 'a b c d'), diagnostics, { ...DEFAULT_LIMITS, maxTokens: 2 });
  expect([lexer.next(), lexer.next(), lexer.next(), lexer.next()].map(({ kind }) => kind)).toEqual([
    'name',
    'name',
    'end of the script',
    'end of the script',
  ]);
  expect(diagnostics.list()).toEqual([
    { severity: 'error', place: { from: 4, to: 5 }, message: 'the script has more than 2 tokens', repair: '', others: [] },
  ]);
});
