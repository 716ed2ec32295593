/** Capture files and standard input as a source of frames. */
export { CaptureFiles, type CaptureFilesOptions } from './capture-files.js';
export type { CursorPosition } from './cursor.js';
export type { FileEnd } from './entry.js';
export { type ByteSource } from './byte-source.js';
export { openFile, openNamedPipe, openStream } from './open-bytes.js';
