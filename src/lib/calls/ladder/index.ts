/** Ladders: the model, and its output formats. */
export { buildLadder, type LadderInput, type LadderOptions } from './build-ladder.js';
export { ladderHtml } from './html-ladder.js';
export { ladderJson } from './json-ladder.js';
export type { Ladder, LadderMark, LadderMessage } from './ladder.js';
export { mermaid } from './mermaid.js';
export { Names } from './names.js';
export type { LaneBy } from './participants.js';
export { MAX_SVG_MESSAGES, ladderSvg } from './svg.js';
export { ladderText, legLetter } from './text-ladder.js';
