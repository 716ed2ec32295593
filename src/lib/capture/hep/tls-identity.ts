/** Who a TLS listener says it is, and whose clients it believes. The bytes are read by whoever starts the listener. */
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { UsageError } from '../../base/index.js';

export interface TlsIdentity {
  /** PEM. */
  cert: Buffer | string;
  key: Buffer | string;
  /** Authorities that signed the clients' certificates; PEM. */
  ca?: Buffer | string;
  passphrase?: string;
  /** Clients must show a certificate that one of `ca` signed. */
  requestCert: boolean;
}

/** Settings of the secure context; a UsageError where certificate and key do not fit each other. */
export function secureContext(tls: TlsIdentity): SecureContextOptions {
  const options: SecureContextOptions = { cert: tls.cert, key: tls.key, ca: tls.ca, passphrase: tls.passphrase };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new UsageError(`the TLS certificate or key cannot be used: ${(error as Error).message}`);
  }
  return options;
}
