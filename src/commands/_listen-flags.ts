/** The flags of HEP listeners. */
import { Flags } from '@oclif/core';
import { ageSeconds } from '../lib/config/amount.js';
import type { ListenerSettings } from '../lib/pipeline/input/hep-listeners.js';

/** Who may send to listeners, and TLS. */
export const listenFlags = {
  allow: Flags.string({
    helpValue: 'CIDR',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only these networks may send; may be repeated',
    helpGroup: 'LISTENER',
  }),
  'tls-cert': Flags.string({
    helpValue: 'FILE',
    default: '',
    summary: 'certificate for hep_tls, PEM; read again at SIGHUP',
    helpGroup: 'LISTENER',
  }),
  'tls-key': Flags.string({ helpValue: 'FILE', default: '', summary: 'its key, PEM', helpGroup: 'LISTENER' }),
  'tls-client-ca': Flags.string({
    helpValue: 'FILE',
    default: '',
    summary: 'clients must show a certificate of this authority, PEM',
    helpGroup: 'LISTENER',
  }),
  'max-connections': Flags.integer({
    helpValue: 'N',
    default: 4096,
    min: 1,
    summary: 'connections over TCP and TLS, for each listener',
    helpGroup: 'LISTENER',
  }),
  'max-peer-connections': Flags.integer({
    helpValue: 'N',
    default: 64,
    min: 1,
    summary: 'of these, connections of one address',
    helpGroup: 'LISTENER',
  }),
  'header-timeout': Flags.string({
    helpValue: 'TIME',
    default: '10s',
    summary: 'close connections that have sent no HEP header after this time',
    helpGroup: 'LISTENER',
  }),
};

export function listenerSettings(flags: {
  allow?: string[];
  'tls-cert': string;
  'tls-key': string;
  'tls-client-ca': string;
  'max-connections': number;
  'max-peer-connections': number;
  'header-timeout': string;
}): ListenerSettings {
  return {
    allow: flags.allow ?? [],
    tlsCertificate: flags['tls-cert'],
    tlsKey: flags['tls-key'],
    tlsClientCa: flags['tls-client-ca'],
    limits: {
      connections: flags['max-connections'],
      peerConnections: flags['max-peer-connections'],
      headerMs: ageSeconds(flags['header-timeout']) * 1000,
    },
  };
}
