/** `hep listen --processes`: the parent of the processes that receive. */
import {
  UsageError,
  after,
  datagramAddon,
  hepEndpointText,
  parseHepListener,
  type Environment,
  type HepEndpoint,
} from '../../base/index.js';
import { InputMonitor } from '../../pipeline/input-monitor.js';
import { unitOf } from '../../pipeline/input/listener-source.js';
import { writeSummary } from '../../pipeline/summary.js';
import { parseDatabaseUrl } from '../../store/index.js';
import type { HepListenOptions } from '../hep/listen-run.js';
import { leftSpools } from '../../pipeline/output/left-spools.js';
import { warnOfCores } from './cores.js';
import { ProcessGroup } from './process-group.js';

export async function listenInProcesses(options: HepListenOptions, env: Environment): Promise<number> {
  const { processes: count, listening, sinks, quiet, summary, durationSeconds, drainSeconds } = options;
  const endpoints = options.listeners.map(parseHepListener);
  refuse(options, endpoints);
  warnOfCores(count, env.log);
  const began = env.clock.monotonic();
  const uniform =
    options.route === null && (sinks.db === undefined || sinks.hep.targets.length === 0) && leftSpools(sinks.hep.spool, count).length === 0;
  let cancelEnd = () => {};
  const printSummary = () => {
    const { reports } = group;
    const { statistics } = reports.totals;
    writeSummary(
      {
        ledger: reports.ledger,
        sinks: reports.sinks(),
        inputs: reports.inputs(),
        inputKind: 'listeners',
        unit: unitOf(endpoints),
        seconds: (env.clock.monotonic() - began) / 1000,
        uniform,
        statistics: Object.entries(statistics),
      },
      summary,
      env.stderr,
    );
  };
  const group = new ProcessGroup(
    {
      count,
      endpoints,
      listening,
      drainSeconds,
      task: (_, places) => ({ kind: 'listen', options: { ...options, listeners: places.map(hepEndpointText) } }),
      onReady: async () => {
        env.log.info(`${count} processes are receiving`);
        if (durationSeconds > 0) cancelEnd = after(durationSeconds * 1000, group.stop);
      },
      printSummary,
    },
    env,
  );
  const monitor = new InputMonitor(() => group.reports.inputs(), options, env.clock, env.log);
  try {
    const code = await group.run();
    if (!quiet) printSummary();
    return code;
  } finally {
    monitor.stop();
    cancelEnd();
  }
}

/** What several processes cannot share. */
function refuse({ sinks, count, processes }: HepListenOptions, endpoints: readonly HepEndpoint[]): void {
  const { db, hep, write, format } = sinks;
  const not = (what: string) => new UsageError(`--processes ${processes} excludes ${what}`);
  if (write !== undefined) throw not('--write: each process would write the file; store in a database, or use one process');
  if (count > 0) throw not('--count: no process knows how many messages the others have');
  if ((format ?? 'none') !== 'none') throw not(`--format ${format!}: the lines of several processes would be mixed; use one process`);
  if (db === undefined && hep.targets.length === 0)
    throw not('printing: the lines of several processes would be mixed; specify --db or --hep');
  if (db !== undefined && parseDatabaseUrl(db).kind === 'sqlite')
    throw not('SQLite, which has one writer; use mysql://, postgres:// or clickhouse://');
  if (endpoints.some(({ transport }) => transport === 'udp') && datagramAddon() === null)
    throw not('UDP without the addon (built at npm install on Linux where there is a C compiler); use hep_tcp, or one process');
}
