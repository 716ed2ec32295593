/**
 * The log of a long-running node: lines for people on a terminal, JSON (pino) elsewhere; a reload may change level and
 * format. Secrets never reach it: URLs are shown without them.
 */
import { escapedLine, lineLog, silentLog, type Log } from '../base/index.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

type Level = (typeof LEVELS)[number];

export interface LogSettings {
  level: string;
  /** `auto` is text on a terminal, JSON elsewhere. */
  format: string;
}

export interface NodeLog extends Log {
  /** Switches to other settings; holders of this log are not affected. */
  apply(settings: LogSettings): Promise<void>;
  /** Lines for people. */
  readonly isText: boolean;
}

export async function nodeLog(settings: LogSettings, stderr: NodeJS.WritableStream & { isTTY?: boolean }): Promise<NodeLog> {
  let current: Log = silentLog;
  let isText = false;
  const apply = async ({ level, format }: LogSettings) => {
    isText = format === 'text' || (format !== 'json' && stderr.isTTY === true);
    current = above(level, isText ? textLog(stderr) : await jsonLog(stderr));
  };
  await apply(settings);
  return {
    debug: (text) => current.debug(text),
    info: (text) => current.info(text),
    warn: (text) => current.warn(text),
    error: (text) => current.error(text),
    apply,
    get isText() {
      return isText;
    },
  };
}

function textLog(stderr: NodeJS.WritableStream): Log {
  const { info, warn, error } = lineLog(stderr);
  return { debug: info, info, warn, error };
}

async function jsonLog(stderr: NodeJS.WritableStream): Promise<Log> {
  const { default: pino } = await import('pino');
  const options = { level: 'debug', base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, stderr as never);
  const write = (level: Level) => (text: string) => logger[level](text.trimEnd().split('\n').map(escapedLine).join('\n'));
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function above(level: string, log: Log): Log {
  const lowest = Math.max(LEVELS.indexOf(level as Level), 0);
  const write = (of: Level) => (LEVELS.indexOf(of) < lowest ? () => {} : log[of]);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
