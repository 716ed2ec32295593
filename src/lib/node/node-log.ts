/** The log of a long-running node: lines for people on a terminal, JSON (pino) elsewhere. Secrets never reach it: URLs are shown without them. */
import { lineLog, type Log } from '../base/index.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export interface LogSettings {
  level: string;
  /** `auto` is text on a terminal, JSON elsewhere. */
  format: string;
}

export async function nodeLog({ level, format }: LogSettings, stderr: NodeJS.WritableStream & { isTTY?: boolean }): Promise<Log> {
  const isText = format === 'text' || (format !== 'json' && stderr.isTTY === true);
  if (isText) return above(level, lineLog(stderr));
  const { default: pino } = await import('pino');
  const logger = pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    stderr as never,
  );
  return {
    debug: (text) => logger.debug(text),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error: (text) => logger.error(text),
  };
}

function above(level: string, log: Log): Log {
  const least = Math.max(LEVELS.indexOf(level as (typeof LEVELS)[number]), 0);
  const quiet = () => {};
  return {
    debug: least <= 0 ? (text) => log.info(text) : quiet,
    info: least <= 1 ? (text) => log.info(text) : quiet,
    warn: least <= 2 ? (text) => log.warn(text) : quiet,
    error: (text) => log.error(text),
  };
}
