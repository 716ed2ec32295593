/** hep_set, hep_get and hep_del to closures. Chunk names and constant data are resolved when the script is loaded. */
import type { CallExpression, Expression } from './ast.js';
import { constantOf, variableOf, type ArgumentsByRole } from './call-order.js';
import { constantArgument, textReader } from './call-argument.js';
import { compileWriter } from './compile-variable.js';
import type { CallCompiler, Compiler } from './compiler.js';
import { isChunkRefusal, type ChunkHandle } from './context.js';
import type { Call, Run, Writer } from './run.js';
import { didYouMean } from './suggestion.js';

const FAILURE: Call = () => -1;

export const CHUNK_FUNCTIONS: Readonly<Record<string, CallCompiler>> = { hep_set: compileSet, hep_get: compileGet, hep_del: compileDelete };

function compileSet(compiler: Compiler, given: ArgumentsByRole, call: CallExpression, spot: string): Call {
  if (given.vendor !== undefined && constantOf(given.vendor) === null && variableOf(given.data!) !== null) {
    compiler.diagnostics.warn(
      call.place,
      'hep_set() requires a constant vendor id: the call fails',
      'hep_get() reads a chunk into variables',
    );
    return FAILURE;
  }
  const chunk = chunkOf(compiler, given);
  if (chunk === null) return FAILURE;
  const { vocabulary } = compiler;
  if (chunk.row?.forcedOnly === true) {
    const refused = `${chunk.row.name} is derived from the packet and cannot be set`;
    compiler.diagnostics.warn(given.chunk!.place, refused, 'the call fails and the script continues');
    return (run) => failure(run, spot, refused);
  }
  const constant = constantOf(given.data!);
  if (constant !== null) {
    const assignment = vocabulary.assign(chunk, constant);
    if (isChunkRefusal(assignment)) {
      compiler.error(given.data!.place, assignment.refused);
      return FAILURE;
    }
    return (run) => {
      const refused = run.context.setChunk(assignment);
      return refused === null ? 1 : failure(run, spot, refused);
    };
  }
  const data = textReader(compiler, given.data);
  return (run) => {
    const text = data(run);
    if (text === null) return failure(run, spot, `${chunk.text}: the data has no value`);
    const assignment = vocabulary.assign(chunk, text);
    const refused = isChunkRefusal(assignment) ? assignment.refused : run.context.setChunk(assignment);
    return refused === null ? 1 : failure(run, spot, refused);
  };
}

function compileGet(compiler: Compiler, given: ArgumentsByRole, call: CallExpression): Call {
  const chunk = chunkOf(compiler, given);
  const data = outputOf(compiler, given.dataOut);
  const vendor = outputOf(compiler, given.vendorOut);
  if (chunk === null) return FAILURE;
  if (given.dataOut === undefined && given.vendorOut === undefined) {
    compiler.error(call.place, 'hep_get() requires a variable for the data', 'write hep_get("proto_type", "$var(vendor)", "$var(data)")');
    return FAILURE;
  }
  return (run) => {
    const { context } = run;
    const value = context.getChunk(chunk);
    if (data !== null) data(run, value);
    if (vendor !== null) vendor(run, value === null ? null : context.chunkVendor(chunk));
    // Asking for what may be missing is no error of the script.
    return value === null ? -1 : 1;
  };
}

function compileDelete(compiler: Compiler, given: ArgumentsByRole, _call: CallExpression, spot: string): Call {
  const chunk = chunkOf(compiler, given);
  if (chunk === null) return FAILURE;
  return (run) => {
    const refused = run.context.deleteChunk(chunk);
    return refused === null ? 1 : failure(run, spot, refused);
  };
}

/** The chunk named by the arguments; null, and reported, if there is none. */
function chunkOf(compiler: Compiler, { chunk, type, vendor }: ArgumentsByRole): ChunkHandle | null {
  const name = constantArgument(compiler, chunk!, 'a chunk');
  const typeText = type === undefined ? null : constantArgument(compiler, type, 'a data type');
  const vendorText = vendor === undefined ? null : constantArgument(compiler, vendor, 'a vendor id');
  if (name === null || (type !== undefined && typeText === null) || (vendor !== undefined && vendorText === null)) return null;
  const { vocabulary } = compiler;
  const found = vocabulary.name(name, typeText, vendorText);
  if (!isChunkRefusal(found)) return found;
  const place = typeText !== null && !vocabulary.types.includes(typeText.toLowerCase()) ? type!.place : chunk!.place;
  const isUnknown = place === chunk!.place && !/^\s*\d/.test(name) && !vocabulary.names.includes(name.trim().toLowerCase());
  if (isUnknown)
    compiler.error(
      place,
      `unknown chunk '${name}'`,
      didYouMean(name, vocabulary.names) || `known chunks: ${vocabulary.names.join(', ')}, or a number`,
    );
  else compiler.error(place, found.refused);
  return null;
}

function outputOf(compiler: Compiler, argument: Expression | undefined): Writer | null {
  if (argument === undefined) return null;
  const variable = variableOf(argument);
  if (variable !== null) return compileWriter(compiler, variable, 'change');
  compiler.error(argument.place, 'a variable is required here', 'write "$var(name)" or "$avp(name)"');
  return null;
}

function failure(run: Run, spot: string, reason: string): number {
  run.context.failed(spot, reason);
  return -1;
}
