/** Messages as text in the layout of sngrep: a line with time and endpoints, the message, an empty line. */
import { endpointText, utf8Text } from '../../../base/index.js';
import type { Zone } from '../../../base/time/index.js';
import type { Formatter } from '../../../sink/terminal/terminal-sink.js';

export function sngrepText(zone: Zone): Formatter {
  return ({ capturedAt, sourceAddress, sourcePort, destinationAddress, destinationPort, payload }) => {
    const time = zone.text(capturedAt).replaceAll('-', '/');
    const ends = `${endpointText(sourceAddress, sourcePort)} -> ${endpointText(destinationAddress, destinationPort)}`;
    return `${time} ${ends}\n${utf8Text(payload.toString('utf8'))}\n\n`;
  };
}
