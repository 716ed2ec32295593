/** The hep_route policy: source to syntax tree, checks, closures. */
export type * from './ast.js';
export { scriptVersionOf, type ScriptVersion } from './call-order.js';
export { compile } from './compile.js';
export type { CompileOptions } from './compiler.js';
export * from './context.js';
export * from './diagnostics.js';
export * from './include.js';
export * from './module-parameters.js';
export * from './parser.js';
export * from './printer.js';
export { compileLinePattern } from './pattern.js';
export { Program, type Ending, type Route } from './program.js';
export * from './script-memory.js';
export * from './source.js';
export * from './suggestion.js';
export type { Trace } from './trace.js';
export type { Value } from './value.js';
export * from './vocabulary.js';
