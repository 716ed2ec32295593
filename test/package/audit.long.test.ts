/** `npm audit` of what is installed with the program, where the registry offers it (npm run test:long). */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { root } from '../rigs/sipcap.js';

test('no known vulnerability of high severity', () => {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  const answer = JSON.parse(stdout) as {
    message?: string;
    error?: { code?: string };
    metadata?: { vulnerabilities: Record<string, number> };
  };
  if (answer.metadata === undefined) {
    process.stdout.write(`npm audit is not offered by this registry: ${answer.message ?? answer.error?.code ?? stdout.slice(0, 200)}\n`);
    return;
  }
  const { high, critical } = answer.metadata.vulnerabilities;
  process.stdout.write(`npm audit: ${JSON.stringify(answer.metadata.vulnerabilities)}\n`);
  expect({ high, critical }).toEqual({ high: 0, critical: 0 });
}, 120_000);
