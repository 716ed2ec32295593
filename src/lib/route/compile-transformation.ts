/** Transformations to closures: their arguments, input and output types. `{re.subst}` and `{s.eval}` need more than the value. */
import type { TextPart, TransformationArgument, TransformationCall } from './ast.js';
import { compileSubstitution } from './compile-substitution.js';
import type { Compiler } from './compiler.js';
import type { Reader, Transformer } from './run.js';
import { didYouMean } from './suggestion.js';
import { readText } from './template.js';
import { bytesOf, textOfBytes, type Kinds } from './transform-row.js';
import { addressAt } from './transform-sip.js';
import { TRANSFORMATIONS, transformationRow } from './transformations.js';
import { textOf, type Value } from './value.js';

interface Compiled extends Kinds {
  apply: Transformer;
}

const NOTHING: Compiled = { apply: () => null, takes: 'text', gives: 'text' };
/** Number of compiled `{s.eval}` texts that are cached. */
const MAX_KEPT = 64;

/** The value with all transformations applied in order; no value stays no value. */
export function compileTransformations(compiler: Compiler, read: Reader, calls: readonly TransformationCall[]): Reader {
  let given: Kinds['gives'] = 'text';
  const steps = calls.map((call) => {
    const { apply, takes, gives } = transformerOf(compiler, call);
    const change = takes === 'either' || takes === given ? null : takes === 'bytes' ? bytesOf : textOfBytes;
    given = gives;
    return { apply, change, spot: compiler.spot(call.place) };
  });
  const givesBytes = given === ('bytes' as Kinds['gives']);
  return (run) => {
    let value = read(run);
    for (const { apply, change, spot } of steps) {
      if (value === null) return null;
      let text = textOf(value);
      run.work += text.length >> 6;
      if (change !== null) text = change(text);
      value = apply(run, text);
      if (typeof value === 'string' && !run.fits(value, spot)) return null;
    }
    return givesBytes && typeof value === 'string' ? textOfBytes(value) : value;
  };
}

/** `{nameaddr.1.uri}`: the second address of a list. */
const OF_ADDRESS = /^nameaddr\.(-?\d{1,3})\.(\w+)$/;

function transformerOf(compiler: Compiler, call: TransformationCall): Compiled {
  const { place } = call;
  const written = call.name.toLowerCase();
  const ofAddress = OF_ADDRESS.exec(written);
  const name = ofAddress === null ? written : `nameaddr.${ofAddress[2]}`;
  const row = transformationRow(name);
  if (row === undefined) {
    compiler.error(
      place,
      `unknown transformation {${call.name}}`,
      didYouMean(
        name,
        TRANSFORMATIONS.map((one) => one.name),
      ),
    );
    return NOTHING;
  }
  const usage = `write {${name}${row.usage === '' ? '' : `,${row.usage}`}}`;
  if (row.name === 're.subst') return { ...row, apply: compileSubstitution(compiler, call, usage) };
  const [min, max] = row.counts;
  if (call.arguments.length < min || call.arguments.length > max) {
    compiler.error(
      place,
      `{${name}} does not take ${call.arguments.length} ${call.arguments.length === 1 ? 'argument' : 'arguments'}`,
      usage,
    );
    return NOTHING;
  }
  if (row.apply === null) return { ...row, apply: evaluation(compiler) };
  const { apply } = row;
  // Blanks are significant only before the separator of {s.select}, which may be one.
  const given = call.arguments.map((one, i) => textReader(compiler, name === 's.select' && i === 1 ? one.parts : trimmed(one)));
  const values: Transformer =
    given.length === 0
      ? (_run, text) => apply(text, NONE)
      : (run, text) =>
          apply(
            text,
            given.map((one) => one(run)),
          );
  if (name.startsWith('s.')) return { ...row, apply: values };
  const address = name.startsWith('nameaddr.') ? Number(ofAddress?.[1] ?? 0) : null;
  // Empty text has no parts.
  if (address === null) return { ...row, apply: (run, text) => (text === '' ? null : values(run, text)) };
  return {
    ...row,
    apply: (run, text) => {
      const one = addressAt(text, address);
      return one === null || one === '' ? null : values(run, one);
    },
  };
}

const NONE: readonly Value[] = [];

/** Without blanks at both ends. */
function trimmed({ parts }: TransformationArgument): readonly TextPart[] {
  const last = parts.length - 1;
  return parts
    .map((part, i) => {
      if (typeof part !== 'string') return part;
      const begun = i === 0 ? part.trimStart() : part;
      return i === last ? begun.trimEnd() : begun;
    })
    .filter((part) => part !== '');
}

function textReader(compiler: Compiler, parts: readonly TextPart[]): Reader {
  const readers = parts.map((part): Reader => (typeof part === 'string' ? () => part : compiler.variable(part)));
  if (readers.length === 1) return readers[0];
  return (run) => readers.map((read) => textOf(read(run))).join('');
}

/** Replaces variables in the text as in the script; unknown ones are left unchanged. */
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
