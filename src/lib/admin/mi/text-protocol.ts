/** The text protocol of OpenSIPS up to 2.x: a command and its argument lines, and a tree of lines as the reply. */
import { commandNamed, runCommand, type ManagedNode, type MiValue } from './commands.js';

/** The complete reply, including the empty line at its end. */
export async function answerText(node: ManagedNode, name: string, lines: readonly string[], now: number): Promise<string> {
  if (commandNamed(name) === null) return `500 command '${name}' not available\n`;
  const values = lines.map(valueOf);
  const answer = await runCommand(node, name, values, now);
  if ('error' in answer)
    return answer.error.code === 500 && answer.error.message === 'Bad parameter value'
      ? '400 Bad parameter\n\n'
      : `${Math.abs(answer.error.code) > 999 ? 400 : answer.error.code} ${answer.error.data ?? answer.error.message}\n\n`;
  // In OpenSIPS the status is a bare word.
  const isSwitch = commandNamed(name) === commandNamed('sip_capture');
  const body = isSwitch && values.length === 0 ? `${node.captureOn ? 'on' : 'off'}\n` : treeOf(answer.result);
  return `200 OK\n${body}\n`;
}

/** `name:: value` or a bare value, perhaps in double quotes. */
function valueOf(line: string): string {
  const value = /^\w+::\s*(.*)$/.exec(line)?.[1] ?? line;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value.trim());
  return quoted === null ? value.trim() : quoted[1].replace(/\\(.)/g, '$1');
}

/** One node per line, children indented by one more tab; 'OK' adds nothing to the code. */
function treeOf(value: MiValue, depth = 0): string {
  const indent = '\t'.repeat(depth);
  if (value === 'OK' && depth === 0) return '';
  if (Array.isArray(value))
    return value.map((each) => (typeof each === 'object' && each !== null ? treeOf(each, depth) : `${indent}${String(each)}\n`)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, each]) =>
        typeof each === 'object' && each !== null
          ? `${indent}${name}::\n${treeOf(each, depth + 1)}`
          : `${indent}${name}:: ${String(each)}\n`,
      )
      .join('');
  }
  return `${indent}${String(value)}\n`;
}
