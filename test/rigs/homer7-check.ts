/** samples/homer7-check.sh on a database: what it ends with, and the checks that failed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './sipcap.js';

export interface Homer7Checked {
  code: number | null;
  passed: number;
  failed: string[];
}

export function homer7Check(url: string, period = 'all'): Homer7Checked {
  const { status, stdout, stderr } = spawnSync('bash', [join(root, 'samples/homer7-check.sh'), url, period], { encoding: 'utf8' });
  const lines = stdout.split('\n');
  return {
    code: status,
    passed: lines.filter((line) => line.startsWith('ok ')).length,
    failed: [...lines.filter((line) => line.startsWith('FAILED')).map((line) => line.slice(8)), ...stderr.split('\n').filter(Boolean)],
  };
}

/** All is well. */
export const HOMER7_SOUND: Homer7Checked = { code: 0, passed: 40, failed: [] };
