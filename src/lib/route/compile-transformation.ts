/** Transformations to closures: their arguments, and the two that need more than the value. */
import type { TextPart, TransformationCall } from './ast.js';
import type { Compiler } from './compiler.js';
import { compilePattern } from './pattern.js';
import type { Reader, Run } from './run.js';
import { didYouMean } from './suggestion.js';
import { readText } from './template.js';
import { TRANSFORMATIONS, transformationRow } from './transformations.js';
import { textOf, type Value } from './value.js';

/** A transformation, compiled. */
type Transformer = (run: Run, text: string) => Value;

const NOTHING: Transformer = () => null;
/** Texts of `{s.eval}` that are kept compiled. */
const MAX_KEPT = 64;

/** The value with all transformations applied, one after the other; no value stays none. */
export function compileTransformations(compiler: Compiler, read: Reader, calls: readonly TransformationCall[]): Reader {
  return calls.reduce<Reader>((before, call) => {
    const apply = transformerOf(compiler, call);
    const spot = compiler.spot(call.place);
    return (run) => {
      const value = before(run);
      if (value === null) return null;
      const text = textOf(value);
      run.work += text.length >> 6;
      const made = apply(run, text);
      return typeof made !== 'string' || run.fits(made, spot) ? made : null;
    };
  }, read);
}

function transformerOf(compiler: Compiler, call: TransformationCall): Transformer {
  const { name, place } = call;
  const row = transformationRow(name);
  if (row === undefined) {
    compiler.error(
      place,
      `unknown transformation {${name}}`,
      didYouMean(
        name,
        TRANSFORMATIONS.map((one) => one.name),
      ),
    );
    return NOTHING;
  }
  const usage = `write {${name}${row.usage === '' ? '' : `,${row.usage}`}}`;
  if (row.name === 're.subst') return substitution(compiler, call, usage);
  const [min, max] = row.counts;
  if (call.arguments.length < min || call.arguments.length > max) {
    compiler.error(
      place,
      `{${name}} does not take ${call.arguments.length} ${call.arguments.length === 1 ? 'argument' : 'arguments'}`,
      usage,
    );
    return NOTHING;
  }
  if (row.apply === null) return evaluation(compiler);
  const { apply } = row;
  const given = call.arguments.map(({ parts }) => textReader(compiler, parts));
  if (given.length === 0) return (_run, text) => apply(text, []);
  return (run, text) =>
    apply(
      text,
      given.map((one) => one(run)),
    );
}

function textReader(compiler: Compiler, parts: readonly TextPart[]): Reader {
  const readers = parts.map((part): Reader => (typeof part === 'string' ? () => part : compiler.variable(part)));
  if (readers.length === 1) return readers[0];
  return (run) => readers.map((read) => textOf(read(run))).join('');
}

/** `/pattern/replacement/flags`, or a variable that holds it. */
function substitution(compiler: Compiler, call: TransformationCall, usage: string): Transformer {
  const { place, plain } = call;
  const spot = compiler.spot(place);
  const only = call.arguments.length === 1 && call.arguments[0].parts.length === 1 ? call.arguments[0].parts[0] : '';
  if (typeof only !== 'string') return variableSubstitution(compiler, compiler.variable(only), spot);
  const made = substitutionOf(plain.trim(), spot, (part) => compiler.variable(part));
  if (typeof made !== 'string') return made;
  compiler.error(place, made, usage);
  return NOTHING;
}

/** Made while the script runs; the last ones are kept. */
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
 * The substitution, or what is wrong with it. Any character may stand for the slash. `\1` is what the first parentheses
 * found, `\0` all.
 */
function substitutionOf(text: string, spot: string, variable: (part: Exclude<TextPart, string>) => Reader | string): Transformer | string {
  const parts = splitSubstitution(text);
  if (parts === null) return `invalid substitution '${text}': expected /pattern/replacement/flags`;
  const [written, replacement, flags] = parts;
  const pattern = compilePattern(written, flags.includes('i'));
  if (typeof pattern === 'string') return `invalid pattern: ${pattern}`;
  const isGlobal = flags.includes('g');
  const pieces = readText(`'${replacement}'`, 0, replacement.length + 2).parts.map((part) =>
    typeof part === 'string' ? part : variable(part),
  );
  return (run, value) => {
    if (!run.maySearch(value, spot)) return null;
    const matcher = pattern.matcher(value);
    let made = '';
    let at = 0;
    while (matcher.find()) {
      made += value.slice(at, matcher.start());
      for (const piece of pieces) {
        if (typeof piece !== 'string') made += textOf(piece(run));
        else made += piece.replace(/\\([0-9\\])/g, (_all, one: string) => (one === '\\' ? '\\' : groupOf(matcher, Number(one))));
      }
      at = matcher.end();
      if (!isGlobal || made.length > 1 << 20) break;
    }
    return made + value.slice(at);
  };
}

function groupOf(matcher: { groupCount(): number; group(index: number): string | null }, index: number): string {
  return index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
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

/** Variables that the text names are put in as the script would; those that the script does not have stay as they are. */
function evaluation(compiler: Compiler): Transformer {
  const kept = new Map<string, readonly (string | Reader)[]>();
  return (run, text) => {
    let pieces = kept.get(text);
    if (pieces === undefined) {
      if (kept.size >= MAX_KEPT) kept.clear();
      pieces = readText(`'${text}'`, 0, text.length + 2).parts.map((part) => (typeof part === 'string' ? part : compiler.known(part)));
      kept.set(text, pieces);
    }
    return pieces.map((piece) => (typeof piece === 'string' ? piece : textOf(piece(run)))).join('');
  };
}
