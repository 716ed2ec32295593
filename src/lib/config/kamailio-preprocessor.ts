/**
 * What Kamailio's preprocessor makes of a script: definitions replaced, parts that are switched off, comments and the
 * bodies of routes blanked. Lines keep their numbers.
 */

export interface Preprocessed {
  /** Only text outside of braces. */
  text: string;
  /** Names of the routes, in order. */
  routes: readonly string[];
  /** Directives that were not understood, with their lines. */
  ignored: readonly { line: number; text: string }[];
}

interface Definitions {
  /** Replaced as whole words outside of strings. */
  words: Map<string, string>;
  /** Replaced everywhere. */
  texts: [string, string][];
}

const DIRECTIVE = /^[#!]!([a-z]+)\b[ \t]*(.*?)[ \t]*$/;
const MAX_TEXT = 4 * 1024 * 1024;
const MAX_LINE = 64 * 1024;
const MAX_TEXTS = 500;

export function preprocessed(text: string): Preprocessed {
  const definitions: Definitions = { words: new Map(), texts: [] };
  const ignored: { line: number; text: string }[] = [];
  /** One for each open #!ifdef: whether its lines count. */
  const open: boolean[] = [];
  let size = 0;
  const lines = text.split(/\r?\n/).map((line, i) => {
    const match = DIRECTIVE.exec(line);
    if (match === null) {
      if (!open.every(Boolean)) return '';
      const made = replaced(line, definitions);
      size += made.length;
      return size > MAX_TEXT ? '' : made;
    }
    if (!directive(match[1], match[2], definitions, open)) ignored.push({ line: i + 1, text: line.trim() });
    return '';
  });
  const { bare, routes } = topLevel(lines.join('\n'));
  return { text: bare, routes, ignored };
}

/** False where it is not understood. */
function directive(word: string, rest: string, definitions: Definitions, open: boolean[]): boolean {
  const isDefined = (name: string) => definitions.words.has(name);
  switch (word) {
    case 'ifdef':
      open.push(isDefined(rest));
      return true;
    case 'ifndef':
      open.push(!isDefined(rest));
      return true;
    case 'else':
      if (open.length > 0) open.push(!open.pop()!);
      return true;
    case 'endif':
      open.pop();
      return true;
    // An expression: its lines are kept, for manual review.
    case 'ifexp':
      open.push(true);
      return false;
    default:
      return !open.every(Boolean) || define(word, rest, definitions);
  }
}

function define(word: string, rest: string, { words, texts }: Definitions): boolean {
  switch (word) {
    case 'define':
    case 'trydef':
    case 'redefine': {
      const [, name, value] = /^(\w+)[ \t]*(.*)$/.exec(rest) ?? ['', '', ''];
      if (name !== '' && (word !== 'trydef' || !words.has(name))) words.set(name, value);
      return name !== '';
    }
    case 'subst':
    case 'substdef':
    case 'substdefs': {
      const [, , name, value] = /^"(.)(.*?)\1(.*?)\1[a-z]*"$/.exec(rest) ?? ['', '', '', ''];
      // A pattern: only words are replaced here.
      if (!/^[\w.-]+$/.test(name)) return false;
      if (texts.length >= MAX_TEXTS || value.length > MAX_LINE) return false;
      texts.push([name, value]);
      if (word !== 'subst') words.set(name, word === 'substdefs' ? `"${value}"` : value);
      return true;
    }
    default:
      return /^(?:KAMAILIO|SER|MAXCOMPAT|ALL|OPENSER)$/.test(word.toUpperCase());
  }
}

function replaced(line: string, { words, texts }: Definitions): string {
  let made = line;
  for (const [name, value] of texts)
    if (made.length <= MAX_LINE && made.includes(name)) made = made.replaceAll(name, value).slice(0, 2 * MAX_LINE);
  if (words.size === 0) return made;
  return made.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|\b[A-Za-z_]\w*\b/g, (word) => (/^["']/.test(word) ? word : (words.get(word) ?? word)));
}

const ROUTE = /\b((?:request_|reply_|onreply_|failure_|branch_|onsend_|event_)?route)[ \t]*(\[[^\]\n]*\])?\s*$/;

/** Without comments, and without text in braces. */
function topLevel(text: string): { bare: string; routes: string[] } {
  const routes: string[] = [];
  let bare = '';
  let depth = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}]|[^"'#/{}]+|[\s\S]/g)) {
    const [part] = match;
    if (part === '{') {
      if (depth++ === 0) {
        const route = ROUTE.exec(bare.slice(-200));
        if (route !== null) routes.push(`${route[1]}${route[2] ?? ''}`);
        bare += ';';
      }
    } else if (part === '}') depth = Math.max(0, depth - 1);
    else if (depth > 0 || /^(?:#|\/[/*])/.test(part)) bare += part.replace(/[^\n]/g, '');
    else bare += part;
  }
  return { bare, routes };
}
