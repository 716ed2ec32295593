/** HEP listeners of a run: created from the settings, opened, and closed with their losses counted. */
import { readFileSync } from 'node:fs';
import {
  UsageError,
  bindError,
  hepEndpointText,
  systemErrorText,
  type Deliver,
  type Gate,
  type HepEndpoint,
  type Environment,
} from '../../base/index.js';
import {
  AllowList,
  HepStreamListener,
  HepUdpListener,
  secureContext,
  type AcceptedConnections,
  type HepArrival,
  type StreamLimits,
  type TlsIdentity,
} from '../../capture/hep/index.js';

export interface ListenerSettings {
  /** Networks that may send; empty allows everybody. */
  allow: readonly string[];
  /** Paths of PEM files for hep_tls; '' where not given. */
  tlsCertificate: string;
  tlsKey: string;
  /** Authorities that must have signed clients' certificates; '' requires none. */
  tlsClientCa: string;
  /** Limits of connections over TCP and TLS that differ from the defaults. */
  limits?: Partial<StreamLimits>;
  /** In one of several processes: UDP ports are shared, and connections come from the process that accepts them. */
  accepted?: AcceptedConnections;
}

/** 0 waits for ever. */
export function headerMs(seconds: number): number {
  return seconds === 0 ? Infinity : seconds * 1000;
}

export type Listener = HepUdpListener | HepStreamListener;

export function listenerFor(endpoint: HepEndpoint, settings: ListenerSettings, env: Environment): Listener {
  const allow = new AllowList(settings.allow);
  const { limits, accepted } = settings;
  switch (endpoint.transport) {
    case 'udp':
      return new HepUdpListener(endpoint, env.clock, env.log, { allow, shared: accepted !== undefined });
    case 'tcp':
      return new HepStreamListener(endpoint, env.clock, env.log, { allow, limits, accepted });
    default: {
      if (settings.tlsCertificate === '' || settings.tlsKey === '')
        throw new UsageError(`${hepEndpointText(endpoint)} requires a certificate and its key: --tls-cert FILE and --tls-key FILE (PEM)`);
      return new HepStreamListener(endpoint, env.clock, env.log, { allow, limits, accepted, tls: readIdentity(settings) });
    }
  }
}

/** The certificate files as they are now: read again at SIGHUP. */
export function readIdentity(settings: ListenerSettings): TlsIdentity {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new UsageError(`cannot read ${path}: ${systemErrorText(error)}`);
    }
  };
  return {
    cert: read(settings.tlsCertificate),
    key: read(settings.tlsKey),
    ca: settings.tlsClientCa === '' ? undefined : read(settings.tlsClientCa),
    requestCert: settings.tlsClientCa !== '',
  };
}

/** Reads the certificates again and gives them to the TLS listeners; errors are logged, and the previous ones stay in use. */
export function reloadCertificates(listeners: readonly Listener[], settings: ListenerSettings, env: Environment): void {
  if (settings.tlsCertificate === '') return;
  try {
    const identity = readIdentity(settings);
    for (const listener of listeners) if (listener instanceof HepStreamListener) listener.reload(identity);
    env.log.info('certificates reloaded');
  } catch (error) {
    env.log.error(`${(error as Error).message}; keeping the previous certificates`);
  }
}

export async function openListener(listener: Listener): Promise<void> {
  try {
    await listener.open();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { transport, host, port } = listener.endpoint;
    throw await bindError(error, { protocol: transport === 'udp' ? 'udp' : 'tcp', name: listener.name, host, port });
  }
}

/** Streams wait for the gate; UDP for a gate of its own, or not at all. */
export function startListener(listener: Listener, deliver: Deliver<HepArrival>, gate: Gate, udpGate: Gate | null = null): void {
  void (listener instanceof HepUdpListener ? listener.start(deliver, udpGate) : listener.start(deliver, gate));
}

/** Applies a reload to listeners whose sockets stay open: allow list, limits, certificates; throws if these cannot be used. */
export function adoptSettings(settings: ListenerSettings): (listener: Listener) => void {
  const identity = settings.tlsCertificate === '' ? null : checkedIdentity(settings);
  const allow = new AllowList(settings.allow);
  return (listener) => {
    listener.setAllow(allow);
    if (!(listener instanceof HepStreamListener)) return;
    listener.setLimits(settings.limits ?? {});
    if (identity !== null) listener.reload(identity);
  };
}

function checkedIdentity(settings: ListenerSettings): TlsIdentity {
  const identity = readIdentity(settings);
  secureContext(identity);
  return identity;
}

/** The first line of a key file; without a key everybody could send. */
export function readKey(path: string): string {
  const [key] = readFileSync(path, 'utf8').split(/\r?\n/, 1);
  if (key === '') throw new UsageError(`${path}: expected the key in the first line, which is empty`);
  return key;
}
