/** Messages for TLS failures that name the side at fault, followed by the flag that helps if there is one. */

const UNTRUSTED = 'its certificate is not signed by a trusted authority';

const WORDS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `${UNTRUSTED} (self-signed)`,
  SELF_SIGNED_CERT_IN_CHAIN: `${UNTRUSTED} (self-signed root)`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (check the clocks)',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it presented no client certificate',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it requires a client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust the authority of our certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it rejected our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'it rejected our certificate as expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'it rejected our certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN: 'it rejected our certificate',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'it requires a client certificate, or no cipher is common to both sides',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'no TLS version is common to both sides',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no TLS version is common to both sides',
  ERR_SSL_NO_SHARED_CIPHER: 'no cipher is common to both sides',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it is not using TLS',
  ERR_SSL_HTTP_REQUEST: 'it is using HTTP without TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it is not using TLS',
  ERR_SSL_UNEXPECTED_MESSAGE: 'it is not using TLS',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'no handshake in time',
  ECONNRESET: 'connection closed during the handshake',
};

/** Why the peer ended the handshake; '' if it is not a TLS failure. */
export function tlsProblem({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is for other names (${message.replace(/^.*altnames: /, '')})`;
  return (
    WORDS[code] ?? (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') ? message.replace(/^.*routines:[^:]*:/, '').trim() : '')
  );
}

/** The flag that a sender needs to fix it. */
export function targetTlsAdvice({ code = '' }: NodeJS.ErrnoException): string {
  if ((WORDS[code] ?? '').startsWith(UNTRUSTED)) return '; name its authority with --target-ca FILE';
  return /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code) ? '; use --target-cert FILE and --target-key FILE' : '';
}
