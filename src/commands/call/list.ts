import { Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { callFlags, callOptions, rowFlags } from '../_call-flags.js';
import { SipcapCommand } from '../_command.js';
import { mediaFlags, mediaOptions } from '../_media-flags.js';
import { fileArgs, filesOf } from '../_source-flags.js';

export default class CallList extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'List calls, one per line: state, parties, final status, setup and talking time, retransmissions, legs';
  static override description = `Reads capture files or a database, or interfaces and HEP until it is stopped. Calls are listed in the order in which they end; registrations,
subscriptions and other transactions are groups of their own. Memory is bounded, whatever the size of the files.
Exit code 5: no call was found.`;
  static override usage = 'call list FILE... | --db URL | -i IF | --hep-listen ENDPOINT [FLAGS]';
  static override examples = [
    '<%= config.bin %> call list trace.pcap',
    '<%= config.bin %> call list -r /var/spool/trace/*.pcap.gz --failed --sort -start --limit 20',
    '<%= config.bin %> call list --db sqlite:calls.db --last 1h --number 08912345678',
    '<%= config.bin %> call list -r trace.pcap --max-mos 3.5 --sort mos',
    '<%= config.bin %> call list -r trace.pcap --kind INVITE --flag no-ack,no-bye --format json',
  ];

  static override strict = false;
  static override args = fileArgs;

  static override flags = {
    ...callFlags,
    ...rowFlags,
    ...mediaFlags,
    sort: Flags.string({
      helpValue: 'KEY',
      default: '',
      summary: 'sort by start, duration, setup, status, messages, …; -KEY: greatest first',
      helpGroup: 'OUTPUT',
    }),
    limit: Flags.integer({ helpValue: 'N', min: 1, summary: 'list at most N calls; default when sorting: 1000', helpGroup: 'OUTPUT' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CallList);
    const { callList } = await import('../../lib/service/call/list.js');
    const ports = flags.port === undefined ? [] : parsePortRanges(flags.port);
    const { sort, limit = 0, format } = flags;
    const { maxMos, ...media } = mediaOptions(flags);
    const calls = callOptions({ ...flags, read: filesOf(flags.read, argv) }, ports);
    const criteria = { ...calls.criteria, maxMos };
    const options = { ...calls, ...media, criteria, explain: flags.explain, sort, limit, format, csvRaw: flags['csv-raw'] };
    await this.finish(callList(options, processEnvironment()));
  }
}
