/** The operating system's refusals in the program's words. */
export function openProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'is a directory';
    case 'EMFILE':
      return 'cannot be read: too many files are open';
    default:
      return `cannot be read: ${error.message}`;
  }
}
