/** A flag in help: its syntax, its description, its default and its environment variable. */

export interface HelpFlag {
  name: string;
  type: string;
  char?: string;
  allowNo?: boolean;
  options?: readonly string[];
  helpValue?: string;
  helpGroup?: string;
  hidden?: boolean;
  multiple?: boolean;
  required?: boolean;
  env?: string;
  summary?: string;
  default?: unknown;
}

/** `-r, --read FILE...` */
export function flagUsage({ name, type, char, allowNo, options, helpValue, multiple }: HelpFlag): string {
  const value =
    type === 'boolean' ? '' : ` ${options === undefined ? (helpValue ?? 'VALUE') : options.join('|')}${multiple === true ? '...' : ''}`;
  return `${char === undefined ? '    ' : `-${char}, `}--${allowNo === true ? '[no-]' : ''}${name}${value}`;
}

export function flagMeaning({ summary = '', default: value, required, env, type, allowNo }: HelpFlag): string {
  const notes: string[] = [];
  if (required === true && env === undefined) notes.push('required');
  const isSaid = /default/.test(summary) || (String(value) === '0' && /\b0: /.test(summary));
  if (!isSaid && type === 'option' && (typeof value === 'string' || typeof value === 'number') && value !== '' && String(value) !== '0')
    notes.push(`default: ${value}`);
  if (allowNo === true) notes.push(`default: ${value === true ? 'on' : 'off'}`);
  if (env !== undefined) notes.push(`environment: ${env}`);
  return notes.length === 0 ? summary : `${summary} (${notes.join('; ')})`;
}
