/** The flags of HEP listeners. */
import { Flags } from '@oclif/core';
import { headerMs, type ListenerSettings } from '../lib/pipeline/input/hep-listeners.js';
import { ageSeconds } from '../lib/config/amount.js';

/** Access to listeners, and TLS. */
export const listenFlags = {
  allow: Flags.string({
    helpValue: 'CIDR',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'accept packets from this network only; may be repeated',
    helpGroup: 'LISTENER',
  }),
  'tls-cert': Flags.string({
    helpValue: 'FILE',
    default: '',
    summary: 'certificate for hep_tls (PEM); read again on SIGHUP',
    helpGroup: 'LISTENER',
  }),
  'tls-key': Flags.string({ helpValue: 'FILE', default: '', summary: 'its private key (PEM)', helpGroup: 'LISTENER' }),
  'tls-client-ca': Flags.string({
    helpValue: 'FILE',
    default: '',
    summary: 'require client certificates of this authority (PEM)',
    helpGroup: 'LISTENER',
  }),
  'max-connections': Flags.integer({
    helpValue: 'N',
    default: 4096,
    min: 1,
    summary: 'maximum TCP and TLS connections per listener',
    helpGroup: 'TUNING',
  }),
  'max-peer-connections': Flags.integer({
    helpValue: 'N',
    default: 64,
    min: 1,
    summary: 'maximum TCP and TLS connections per peer address',
    helpGroup: 'TUNING',
  }),
  'header-timeout': Flags.string({
    helpValue: 'TIME',
    default: '10s',
    summary: 'close connections that have sent no HEP header within this time',
    helpGroup: 'TUNING',
  }),
};

/** Of the command that can share its work among processes. */
export const processFlags = {
  processes: Flags.string({
    helpValue: 'N|auto',
    default: '1',
    summary: 'processes that share the work, each with database connections and a spool of its own; auto: one per core',
    helpGroup: 'TUNING',
  }),
};

/** Of commands that keep what they receive. */
export const repeatFlags = {
  'accept-repeats': Flags.boolean({
    summary: 'keep messages that were received before from the same sender under the same identity (sent again after a broken connection)',
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
      headerMs: headerMs(ageSeconds(flags['header-timeout'])),
    },
  };
}
