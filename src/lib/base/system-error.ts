/** Messages for errors of the operating system, without the code if the message is clear. */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'is a folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  EEXIST: 'exists already',
  ENOSPC: 'no space left on the device',
  EMFILE: 'too many open files (raise ulimit -n)',
  ENFILE: 'too many open files in the system',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'name too long',
  EBUSY: 'in use',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'host name cannot be resolved now',
  EADDRINUSE: 'address in use',
  EADDRNOTAVAIL: 'this host does not have that address',
};

/** Errors that mean "try again later or elsewhere": caused by a server or target, not the command line. */
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && (syscall !== undefined || code in WORDS);
}

export function isNetworkError(error: unknown): boolean {
  return NETWORK.has((error as NodeJS.ErrnoException).code ?? '');
}

/** `/etc/x: permission denied`; the error's own message where it is none of the system's. */
export function failureText(error: Error): string {
  if (!isSystemError(error)) return error.message;
  const { path = '', syscall = 'error' } = error;
  return `${path === '' ? syscall : path}: ${systemErrorText(error)}`;
}

/** `no such file or folder`; the error's own message if its code is unknown. */
export function systemErrorText(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return WORDS[code] ?? (message === undefined || message === '' ? String(error) : message);
}
