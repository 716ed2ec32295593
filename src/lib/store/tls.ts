/** TLS by `db_url`: `?sslmode=` (or `ssl-mode=`, `ssl=true`), `sslrootcert=`, `sslcert=`, `sslkey=` (or `ssl-ca=`, `ssl-cert=`, `ssl-key=`). */
import { readFileSync } from 'node:fs';
import { UsageError } from '../base/index.js';
import type { DatabaseUrl } from './database-url.js';

export interface TlsOptions {
  rejectUnauthorized: boolean;
  /** Whether the certificate must match the server's name. */
  verifyIdentity: boolean;
  ca?: string;
  cert?: string;
  key?: string;
}

/** The modes of both families of clients; modes that silently fall back to clear text are not among them. */
const MODES: Readonly<Record<string, { on: boolean; certificate: boolean; name: boolean }>> = {
  disable: { on: false, certificate: false, name: false },
  disabled: { on: false, certificate: false, name: false },
  require: { on: true, certificate: false, name: false },
  required: { on: true, certificate: false, name: false },
  'verify-ca': { on: true, certificate: true, name: false },
  'verify-full': { on: true, certificate: true, name: true },
  'verify-identity': { on: true, certificate: true, name: true },
};

/** Null for a connection without TLS, the default. */
export function tlsOptions({ parameters, shown }: DatabaseUrl): TlsOptions | null {
  const ca = fileOf(parameters.sslrootcert ?? parameters['ssl-ca'], shown);
  const asked = (parameters.sslmode ?? parameters['ssl-mode'] ?? switched(parameters.ssl) ?? (ca === undefined ? 'disable' : 'verify-full'))
    .toLowerCase()
    .replace('_', '-');
  const mode = MODES[asked];
  if (mode === undefined)
    throw new UsageError(`invalid sslmode '${asked}' in database URL '${shown}': expected disable, require, verify-ca or verify-full`);
  if (!mode.on) return null;
  return {
    rejectUnauthorized: mode.certificate,
    verifyIdentity: mode.name,
    ca,
    cert: fileOf(parameters.sslcert ?? parameters['ssl-cert'], shown),
    key: fileOf(parameters.sslkey ?? parameters['ssl-key'], shown),
  };
}

/** `ssl=true` and similar, as in other clients. */
function switched(ssl: string | undefined): string | undefined {
  if (ssl === undefined) return undefined;
  return /^(?:1|true|on|yes)$/i.test(ssl) ? 'require' : /^(?:0|false|off|no)$/i.test(ssl) ? 'disable' : ssl;
}

function fileOf(path: string | undefined, shown: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`database URL '${shown}': ${(error as Error).message}`);
  }
}
