/** One explained message as text for people, or as a line of JSON. */
import { endpointText, safeJson, timeText, type Message } from '../base/index.js';
import type { Value } from '../route/index.js';
import { escapeText } from '../hep/index.js';
import { PLAIN_LINES, textFormat } from '../sink/terminal/text-format.js';
import type { ExplainRecord, ExplainedStep } from './explain-record.js';

export interface Explained {
  number: number;
  /** As received. */
  message: Message;
  steps: ExplainRecord['steps'];
  /** The actions, one sentence each. */
  done: readonly string[];
  /** How the script ended, and if nothing was done, why. */
  ending: string;
}

const WIDTH = 56;
const MAX_VALUE = 60;

export function explainedText({ number, message, steps, done, ending }: Explained): string {
  const { envelope } = message;
  const hep =
    envelope === null
      ? ''
      : `     HEP version ${envelope.version}${envelope.peerAddress === '' ? '' : ` from ${endpointText(envelope.peerAddress, envelope.peerPort)}`}\n`;
  let text = `#${number}  ${Buffer.from(textFormat(PLAIN_LINES)(message), 'latin1').toString()}${hep}`;
  for (const step of steps) text += 'route' in step ? `     ${step.route}\n` : stepText(step);
  for (const one of done) text += `     => ${one}\n`;
  return `${text}     => ${ending}\n\n`;
}

export function explainedJson({ number, message, steps, done, ending }: Explained): string {
  const { envelope } = message;
  return `${safeJson({
    number,
    time: timeText(message.capturedAt),
    source: endpointText(message.sourceAddress, message.sourcePort),
    destination: endpointText(message.destinationAddress, message.destinationPort),
    method: message.sip?.method ?? null,
    call_id: message.sip?.callId ?? null,
    hep:
      envelope === null
        ? null
        : { version: envelope.version, from: envelope.peerAddress === '' ? null : endpointText(envelope.peerAddress, envelope.peerPort) },
    steps,
    done,
    ending,
  })}\n`;
}

function stepText({ line, statement, values, set, condition, results, failures, logged }: ExplainedStep): string {
  const codes = results
    .map(({ name, code }) => (condition === null && results.length === 1 ? String(code) : `${name}() ${code}`))
    .join(', ');
  const came = condition === null ? codes : codes === '' ? String(condition) : `${condition} (${codes})`;
  let text = `${String(line).padStart(6)}  ${came === '' ? statement : `${statement.padEnd(WIDTH)}  ${came}`}\n`;
  for (const [name, value] of Object.entries(values)) text += `          ${name} is ${valueText(value)}\n`;
  for (const [name, value] of Object.entries(set)) text += `          ${name} becomes ${valueText(value)}\n`;
  for (const line of logged) text += `          logs: ${escapeText(line)}\n`;
  for (const reason of failures) text += `          fails: ${escapeText(reason)}\n`;
  return text;
}

function valueText(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  const shown = escapeText(value);
  return shown.length > MAX_VALUE ? `"${shown.slice(0, MAX_VALUE)}..." (${value.length} characters)` : `"${shown}"`;
}
