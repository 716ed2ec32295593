/** Our words for what is wrong with YAML: short, and they never quote the text, which may be a secret. */

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  BAD_ALIAS: ['an alias is a name behind *', 'quote text that begins with *'],
  BAD_DIRECTIVE: ['this directive is not known', 'quote text that begins with %'],
  BAD_DQ_ESCAPE: ['this escape is not known', 'write \\\\ for a backslash, or use single quotes'],
  BAD_INDENT: ['the indentation does not fit', 'a bracket may be missing above, or spaces here'],
  BAD_SCALAR_START: ['text cannot begin with this character', 'put it in quotes'],
  BLOCK_AS_IMPLICIT_KEY: [
    'there are two colons in one line',
    "put the value in quotes, or the inner 'name: value' on a line of its own, indented",
  ],
  DUPLICATE_KEY: ['this name is given twice', 'keep one of them'],
  MISSING_CHAR: ['a quote, a colon or a blank is missing', ''],
  MULTILINE_IMPLICIT_KEY: ['a name and its colon are wanted on one line', 'write name: value'],
  MULTIPLE_DOCS: ['a second document begins here', 'one file holds one configuration: take the --- out'],
  TAB_AS_INDENT: ['tabs cannot indent', 'use spaces'],
  TAG_RESOLVE_FAILED: ['this tag is not known', 'quote text that begins with !'],
  UNEXPECTED_TOKEN: ['this was not expected here', 'settings of one level begin in the same column'],
};

export function yamlWords(code: string): [string, string] {
  const [message, repair] = WORDS[code] ?? ['this is no valid YAML', ''];
  return [message, repair];
}
