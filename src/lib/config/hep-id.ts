/** `hep_id`: a destination with a name, `[name] host[:port][; transport=udp|tcp|tls][; version=1|2|3]`. */
import { HEP_PORT, HEP_TLS_PORT, UsageError, parseHepEndpoint, type HepEndpoint, type HepTransport } from '../base/index.js';

export interface HepId {
  name: string;
  endpoint: HepEndpoint;
  version: 1 | 2 | 3;
  /** The version cannot go over the stream that was configured: UDP is used. */
  fellBack: boolean;
}

const FORM = 'expected [name] host:port; transport=udp|tcp|tls; version=1|2|3';

export function parseHepId(text: string): HepId {
  const match = /^\s*\[\s*([^\]\s]+)\s*\]\s*([^;]*)((?:;[^;]*)*)$/.exec(text);
  if (match === null) throw new UsageError(`invalid hep_id '${text}': ${FORM}`);
  const [, name, place, rest] = match;
  let transport: HepTransport = 'tcp';
  let version: 1 | 2 | 3 = 3;
  for (const part of rest
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const [key, value = ''] = part.split('=').map((one) => one.trim());
    switch (`${key}=${value.toLowerCase()}`) {
      case 'transport=udp':
        transport = 'udp';
        break;
      case 'transport=tcp':
        transport = 'tcp';
        break;
      case 'transport=tls':
        transport = 'tls';
        break;
      case 'version=1':
        version = 1;
        break;
      case 'version=2':
        version = 2;
        break;
      case 'version=3':
        version = 3;
        break;
      default:
        throw new UsageError(`unknown hep_id parameter '${part}': ${FORM}`);
    }
  }
  if (place.trim() === '') throw new UsageError(`hep_id '${name}' has no host: ${FORM}`);
  const fellBack = version < 3 && transport !== 'udp';
  const { host, port } = parseHepEndpoint(`hep_${transport}:${place.trim()}`);
  if (!fellBack) return { name, endpoint: { transport, host, port }, version, fellBack };
  return {
    name,
    endpoint: { transport: 'udp', host, port: transport === 'tls' && port === HEP_TLS_PORT ? HEP_PORT : port },
    version,
    fellBack,
  };
}
