/** Where hep_relay() sends: the URI in `$du` (`sip:host[:port][;transport=tcp]`), or an endpoint as elsewhere (`hep_tcp:host:port`). */
import { HEP_PORT, HEP_TLS_PORT, UsageError, parseHepEndpoint, type HepEndpoint, type HepTransport } from '../base/index.js';

const MAX_KEPT = 256;

/** The target, or why there is none. The port defaults to that of HEP, not SIP. */
export function parseRelayTarget(text: string): HepEndpoint | string {
  const match = /^(sips?):(?:[^@;?]*@)?(\[[^\]]*\]|[^:;?[\]@]+)(?::(\d{1,5}))?((?:;[^?]*)?)(?:\?.*)?$/i.exec(text.trim());
  if (match === null) return /^sips?:/i.test(text.trim()) ? `invalid SIP URI '${text}'` : endpoint(text);
  const transport = transportOf(match[4], match[1].toLowerCase() === 'sips' ? 'tls' : 'udp');
  if (transport === null) return `invalid transport in '${text}': HEP runs over udp, tcp or tls`;
  const port = match[3] === undefined ? (transport === 'tls' ? HEP_TLS_PORT : HEP_PORT) : Number(match[3]);
  if (port < 1 || port > 65_535) return `invalid port ${port} in '${text}': expected 1 to 65535`;
  return { transport, host: match[2].replace(/^\[|\]$/g, ''), port };
}

/** The same text gives the same endpoint, so that the host can distinguish targets by identity. */
export class RelayTargets {
  private readonly kept = new Map<string, HepEndpoint | string>();

  get(text: string): HepEndpoint | string {
    let target = this.kept.get(text);
    if (target !== undefined) return target;
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    target = parseRelayTarget(text);
    this.kept.set(text, target);
    return target;
  }
}

function endpoint(text: string): HepEndpoint | string {
  try {
    return parseHepEndpoint(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

function transportOf(parameters: string, usual: HepTransport): HepTransport | null {
  const found = /;\s*transport\s*=\s*([^;]*)/i.exec(parameters);
  if (found === null) return usual;
  const word = found[1].trim().toLowerCase().replace(/^hep_/, '');
  return word === 'udp' || word === 'tcp' || word === 'tls' ? word : null;
}
