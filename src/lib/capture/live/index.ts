/** Interfaces as a source of frames, and the kernel filters for them. */
export { mirrorFilter, tunnelFilter, type LinkKind } from './filter-text.js';
export { linkKindOf } from './interface-state.js';
export { LiveCapture } from './live-capture.js';
export type { LiveInterfaceOptions } from './live-interface.js';
