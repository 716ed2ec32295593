export { CaptureFiles, type CaptureFilesOptions, type FileEnd } from './capture-files.js';
