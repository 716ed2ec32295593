/** What filters take of the language: a condition alone, networks and patterns. */
export { isWithin, parseAnyNetwork, type Network } from '../network.js';
export { compilePattern, type Pattern } from '../pattern.js';
export { compileFilter, type FilterProgram } from './filter-program.js';
