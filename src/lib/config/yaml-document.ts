/**
 * YAML text to a document. Deeper nesting than settings can have ends the parsing: the time that is needed to compose a document
 * grows with the square of its depth.
 */
import { Composer, Document, Lexer, Parser, YAMLParseError } from 'yaml';

/** Of levels; settings have fewer. */
const MAX_NESTING = 40;

type Parsed = ReturnType<Composer['compose']> extends Generator<infer D> ? D : never;

/** Whatever is wrong is among the errors of the document. `onNewLine` is given the offset of each line. */
export function yamlDocument(text: string, onNewLine?: (offset: number) => void): Parsed | Document {
  const parser = new Parser(onNewLine);
  onNewLine?.(0);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_NESTING) return tooDeep(parser.offset, text.length);
  }
  tokens.push(...parser.end());
  const [document, second] = new Composer({ prettyErrors: false, logLevel: 'silent' }).compose(tokens, true, text.length);
  if (second !== undefined)
    document.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', 'second document in one file'));
  return document;
}

function tooDeep(offset: number, end: number): Document {
  const document = new Document(null);
  const from = Math.max(0, Math.min(offset, end) - 1);
  document.errors.push(new YAMLParseError([from, from + 1], 'RESOURCE_EXHAUSTION', 'too many values or levels'));
  return document;
}
