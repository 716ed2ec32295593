/** `hep spool DIR`: the backlog of the spools in a folder; verifies the checksum of every record. */
import { basename, relative } from 'node:path';
import { UsageError, timeText, EXIT_BAD_INPUT, EXIT_DONE, type Environment } from '../../base/index.js';
import { expectSpoolFolder, findSpools, inspectSpool } from '../../sink/spool/index.js';

export interface HepSpoolOptions {
  directory: string;
  /** List every damaged record. */
  verify: boolean;
  json: boolean;
}

export async function hepSpool(options: HepSpoolOptions, env: Environment): Promise<number> {
  expectSpoolFolder(options.directory);
  const spools = findSpools(options.directory);
  if (spools.length === 0) throw new UsageError(`no spool found in ${options.directory}`);
  const now = env.clock.now();
  let damaged = false;
  for (const directory of spools) {
    const report = inspectSpool(directory);
    damaged ||= report.damages.length > 0;
    if (options.json) {
      env.stdout.write(`${JSON.stringify({ target: basename(directory), ...report })}\n`);
      continue;
    }
    const age =
      report.oldestAt === 0
        ? ''
        : `, the oldest from ${timeText(report.oldestAt).slice(0, 19)} UTC (${Math.max(0, Math.round((now - report.oldestAt) / 1e6))} s ago)`;
    const next = report.next === null ? '' : `, next: ${report.next.file} at byte ${report.next.atByte}`;
    const owner = report.ownerPid === 0 ? '' : `, in use by process ${report.ownerPid} on ${report.ownerHost}`;
    const name = relative(options.directory, directory) || basename(directory);
    env.stdout.write(`${name}: ${report.backlogRecords} records, ${report.backlogBytes} bytes${age}${next}${owner}\n`);
    for (const file of report.setAside) env.stdout.write(`  damaged, set aside: ${file}\n`);
    if (!options.verify) continue;
    env.stdout.write(`  ${report.goodRecords} good records in ${report.segments} segments, ${report.damages.length} damaged places\n`);
    for (const damage of report.damages) env.stdout.write(`  ${JSON.stringify(damage)}\n`);
  }
  return damaged ? EXIT_BAD_INPUT : EXIT_DONE;
}
