/** The log interface of every room; the top floors bind it to a real logger. Secrets are never logged. */
export * from './silence.js';
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
