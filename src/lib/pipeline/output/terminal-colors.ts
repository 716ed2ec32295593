/** The colours of the terminal view; chalk is loaded only where there is a terminal to colour. */
import { noPaint, type Paint } from '../../sink/terminal/text-format.js';

export async function terminalPaint(colour: boolean): Promise<Paint> {
  // https://no-color.org: set, and not empty.
  const { NO_COLOR = '', FORCE_COLOR = '' } = process.env;
  const isForced = FORCE_COLOR !== '' && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  if (NO_COLOR !== '' || (FORCE_COLOR !== '' && !isForced) || (!colour && !isForced)) return noPaint;
  const { default: chalk } = await import('chalk');
  return {
    dim: (text) => chalk.dim(text),
    request: (text) => chalk.bold(text),
    success: (text) => chalk.green(text),
    failure: (text) => chalk.red(text),
    plain: (text) => chalk.cyan(text),
  };
}
