/** The parts of the language used by filters: conditions, networks and patterns. */
export { isWithin, parseAnyNetwork, type Network } from '../network.js';
export { compilePattern, type Pattern } from '../pattern.js';
export { compileFilter, type FilterProgram } from './filter-program.js';
