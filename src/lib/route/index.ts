/** The hep_route policy: source to syntax tree, checks, closures. */
export type * from './ast.js';
export * from './diagnostics.js';
export * from './module-parameters.js';
export * from './parser.js';
export * from './source.js';
export * from './suggestion.js';
