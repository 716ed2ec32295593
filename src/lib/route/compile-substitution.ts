/** `{re.subst,/pattern/replacement/flags}`, written in the script or taken from a variable. */
import type { TransformationCall, VariableReference } from './ast.js';
import type { Compiler } from './compiler.js';
import { requestUri } from './message-variable.js';
import { compilePattern } from './pattern.js';
import type { Reader, Transformer } from './run.js';
import { textOf } from './value.js';
import { readVariable, variableEnd } from './variable-text.js';

/** Number of compiled substitutions from variables that are cached. */
const MAX_KEPT = 64;
/** Length of a result at which it is certainly too long. */
const MAX_MADE = 1 << 20;
const CHARACTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

type Group = { group: number };
type Piece = string | Group | Reader;

export function compileSubstitution(compiler: Compiler, call: TransformationCall, usage: string): Transformer {
  const { place, plain } = call;
  const spot = compiler.spot(place);
  const only = call.arguments.length === 1 && call.arguments[0].parts.length === 1 ? call.arguments[0].parts[0] : '';
  if (typeof only !== 'string') return variableSubstitution(compiler, compiler.variable(only), spot);
  const made = substitutionOf(plain.trim(), spot, (part) => compiler.variable(part));
  if (typeof made !== 'string') return made;
  compiler.error(place, made, usage);
  return () => null;
}

/** Compiled at run time; the latest ones are cached. */
function variableSubstitution(compiler: Compiler, read: Reader, spot: string): Transformer {
  const kept = new Map<string, Transformer | string>();
  return (run, value) => {
    const text = textOf(read(run)).trim();
    let made = kept.get(text);
    if (made === undefined) {
      if (kept.size >= MAX_KEPT) kept.clear();
      made = substitutionOf(text, spot, (part) => compiler.known(part));
      kept.set(text, made);
    }
    if (typeof made !== 'string') return made(run, value);
    run.context.failed(spot, made);
    return null;
  };
}

/**
 * The substitution, or its error. Any character may replace the slash. `\1` is what the first parentheses
 * matched, `\0` the whole match, `\u` the request URI; `\{` in a pattern is the brace of a repetition.
 */
function substitutionOf(text: string, spot: string, variable: (part: VariableReference) => Reader | string): Transformer | string {
  const parts = splitSubstitution(text.replace(/\\([{}])/g, '$1'));
  if (parts === null) return `invalid substitution '${text}': expected /pattern/replacement/flags`;
  const [written, replacement, flags] = parts;
  const pattern = compilePattern(written, { isCaseless: flags.includes('i'), isOfLines: !flags.includes('s') });
  if (typeof pattern === 'string') return `invalid pattern: ${pattern}`;
  const isGlobal = flags.includes('g');
  const pieces = piecesOf(replacement, variable);
  return (run, value) => {
    if (value === '' || !run.maySearch(value, spot)) return null;
    const matcher = pattern.matcher(value);
    let made = '';
    let at = 0;
    while (matcher.find()) {
      if (matcher.end() === matcher.start()) {
        run.context.failed(spot, 'the pattern matches an empty text');
        return null;
      }
      made += value.slice(at, matcher.start());
      for (const piece of pieces) {
        if (typeof piece === 'string') made += piece;
        else if (typeof piece === 'function') made += textOf(piece(run) ?? '');
        else made += piece.group > matcher.groupCount() ? '' : (matcher.group(piece.group) ?? '');
      }
      at = matcher.end();
      if (!isGlobal || made.length > MAX_MADE) break;
    }
    return made + value.slice(at);
  };
}

function piecesOf(text: string, variable: (part: VariableReference) => Reader | string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const next = text[at + 1];
    if (text[at] === '\\' && next !== undefined) {
      if (next >= '0' && next <= '9') pieces.push({ group: Number(next) });
      else if (next === 'u') pieces.push((run) => requestUri(run));
      else pieces.push(CHARACTERS[next] ?? next);
      at += 2;
      continue;
    }
    const end = text[at] === '$' ? variableEnd(text, at, text.length) : at;
    if (end > at) {
      pieces.push(variable(readVariable(text, at, end)));
      at = end;
    } else pieces.push(text[at++]);
  }
  return pieces;
}

function splitSubstitution(text: string): [pattern: string, replacement: string, flags: string] | null {
  const mark = text[0];
  const parts = [''];
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\' && at + 1 < text.length) {
      parts[parts.length - 1] += text[at + 1] === mark ? mark : text.slice(at, at + 2);
      at++;
    } else if (text[at] === mark && parts.length < 3) parts.push('');
    else parts[parts.length - 1] += text[at];
  }
  return parts.length === 3 && /^[gis]*$/.test(parts[2]) ? (parts as [string, string, string]) : null;
}
