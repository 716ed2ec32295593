/** Certificates of a test: `ca` and `other`, two authorities, and `server`, signed by the first; each as NAME.key and NAME.crt. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `name`: whom the server's certificate is for, such as `DNS:localhost` or `IP:127.0.0.1`. */
export function makeCertificates(folder: string, name: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const days = ['-days', '2'];
  for (const each of ['ca', 'other'])
    openssl('req', '-x509', ...key, ...days, '-subj', `/CN=${each}`, '-keyout', `${each}.key`, '-out', `${each}.crt`);
  openssl('req', ...key, '-subj', '/CN=server', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(folder, 'names'), `subjectAltName=${name}\n`);
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'server.csr', ...authority, ...days, '-extfile', 'names', '-out', 'server.crt');
}
