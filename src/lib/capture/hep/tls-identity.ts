/** The certificate of a TLS listener, and which clients it accepts. The files are read by whoever starts the listener. */
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { UsageError } from '../../base/index.js';

export interface TlsIdentity {
  /** PEM. */
  cert: Buffer | string;
  key: Buffer | string;
  /** Authorities that signed the clients' certificates; PEM. */
  ca?: Buffer | string;
  passphrase?: string;
  /** Clients must present a certificate signed by one of `ca`. */
  requestCert: boolean;
}

/** Settings of the secure context; a UsageError when certificate and key do not match. */
export function secureContext(tls: TlsIdentity): SecureContextOptions {
  const options: SecureContextOptions = { cert: tls.cert, key: tls.key, ca: tls.ca, passphrase: tls.passphrase };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new UsageError(`cannot use the TLS certificate or key: ${pemProblem(error as NodeJS.ErrnoException)}`);
  }
  return options;
}

function pemProblem({ code = '', message }: NodeJS.ErrnoException): string {
  if (/NO_START_LINE/.test(code) || /no start line/.test(message)) return 'not a PEM file (expected a block that begins with -----BEGIN)';
  if (/KEY_VALUES_MISMATCH/.test(code)) return 'the key does not belong to the certificate';
  return message.replace(/^error:[0-9A-F]+:/i, '');
}
