/** Messages for YAML syntax errors: short, and without quoting the text, which may be a secret. */

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  BAD_ALIAS: ['invalid alias: expected a name after *', 'quote text that begins with *'],
  BAD_DIRECTIVE: ['unknown directive', 'quote text that begins with %'],
  BAD_DQ_ESCAPE: ['unknown escape sequence', 'write \\\\ for a backslash, or use single quotes'],
  BAD_INDENT: ['wrong indentation', 'a bracket may be missing above, or spaces here'],
  BAD_SCALAR_START: ['text cannot begin with this character', 'quote it'],
  BLOCK_AS_IMPLICIT_KEY: ['two colons in one line', "quote the value, or put the inner 'name: value' on a line of its own, indented"],
  DUPLICATE_KEY: ['duplicate name', 'keep one of them'],
  MISSING_CHAR: ['missing quote, colon or space', ''],
  MULTILINE_IMPLICIT_KEY: ['a name and its colon have to be on one line', 'write name: value'],
  MULTIPLE_DOCS: ['second document in one file', 'remove the ---'],
  RESOURCE_EXHAUSTION: ['too many values or levels', 'a bracket may be missing'],
  TAB_AS_INDENT: ['tab used for indentation', 'use spaces'],
  TAG_RESOLVE_FAILED: ['unknown tag', 'quote text that begins with !'],
  UNEXPECTED_TOKEN: ['unexpected text', 'settings of one level begin in the same column'],
};

export function yamlWords(code: string): [string, string] {
  const [message, repair] = WORDS[code] ?? ['invalid YAML', ''];
  return [message, repair];
}
