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
    throw new UsageError(`cannot use the TLS certificate or key: ${(error as Error).message}`);
  }
  return options;
}
