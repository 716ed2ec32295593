/** Messages for the operating system's errors. */
import { systemErrorText } from '../../base/index.js';

export function openProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EISDIR':
      return systemErrorText(error);
    case 'EMFILE':
      return 'cannot be read: too many files are open';
    default:
      return `cannot be read: ${systemErrorText(error)}`;
  }
}
