/**
 * `socket=` and `listen=` lines of a script. Only hep_* sockets listen here; where there is none and hep_capture_on is
 * 1, the udp: sockets are used for HEP, with a notice: many scripts leave HEP to the port alone.
 */
import type { GlobalParameter, Script } from '../route/index.js';
import type { Draft, Spot } from './draft.js';
import type { Report } from './problems.js';

export function readSockets(script: Script, draft: Draft, report: Report): void {
  const sockets = script.parameters.filter(({ name }) => name === 'socket' || name === 'listen');
  const isHep = ({ value }: GlobalParameter) => /^\s*hep_/i.test(value);
  const takesUdp = !sockets.some(isHep) && ['1', 'on', 'yes', 'true'].includes(String(draft.get('hep_capture_on')).toLowerCase());
  const diagnostics = report.for(script.source);
  for (const socket of sockets) {
    const [endpoint, ...additional] = socket.value.trim().split(/\s+/);
    const spot: Spot = { kind: 'file', source: script.source, name: socket.place, value: socket.valuePlace };
    const host = endpoint.replace(':*', ':0.0.0.0');
    if (isHep(socket)) draft.add('socket', host, spot);
    else if (takesUdp && /^udp:/i.test(endpoint)) {
      draft.add('socket', `hep_${host}`, spot);
      diagnostics.note(
        socket.place,
        `${endpoint} is used for HEP: hep_capture_on is 1 and there is no hep_* socket`,
        `write socket=hep_${endpoint}`,
      );
    } else {
      diagnostics.note(socket.place, `${endpoint} ignored: only hep_* sockets are opened`);
      continue;
    }
    if (additional.length > 0) diagnostics.note(socket.place, `'${additional.join(' ')}' ignored: concerns OpenSIPS itself`);
  }
}
