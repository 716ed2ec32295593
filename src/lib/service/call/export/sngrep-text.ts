/** Messages as text in the layout of sngrep: a line with time and endpoints, the message, an empty line. */
import { endpointText, printable, utf8Text } from '../../../base/index.js';
import type { Zone } from '../../../base/time/index.js';
import type { Formatter } from '../../../sink/terminal/terminal-sink.js';

/** `isTerminal`: characters that would control it are replaced. */
export function sngrepText(zone: Zone, isTerminal: boolean): Formatter {
  return ({ capturedAt, sourceAddress, sourcePort, destinationAddress, destinationPort, payload }) => {
    const time = zone.text(capturedAt).replaceAll('-', '/');
    const ends = `${endpointText(sourceAddress, sourcePort)} -> ${endpointText(destinationAddress, destinationPort)}`;
    return `${time} ${ends}\n${utf8Text(isTerminal ? shown(payload.toString('utf8')) : payload.toString('utf8'))}\n\n`;
  };
}

function shown(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.endsWith('\r') ? `${printable(line.slice(0, -1))}\r` : printable(line)))
    .join('\n');
}
