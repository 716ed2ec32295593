import { Args, Flags } from '@oclif/core';
import { UsageError } from '../../lib/base/fault.js';
import { SipcapCommand } from '../_command.js';
import { zoneFlags } from '../_filter-flags.js';
import { runFlags, runOptions, sinkFlags } from '../_flags.js';

export default class Report extends SipcapCommand {
  static override summary = 'Store reports (RTCP, logs, QoS and anything else in HEP but SIP) with a correlation id, or send them as HEP';
  static override description = `Reads HEP packets (a stream, or a capture file with HEP) and stores them as report_capture() does. With --lines each line of text is
a report, with --payload the whole input is one. The correlation id is that of --correlation-id, else the packet's own (chunk 0x0011), else
the one found by the --correlation rule; a report without one is rejected with a message.`;
  static override usage = 'report [FILE] [FLAGS]';
  static override examples = [
    '<%= config.bin %> report packets.hep --correlation-id 1234 --db sqlite:calls.db',
    '<%= config.bin %> report trace.pcap --correlation json:call_id --db sqlite:calls.db',
    'tail -F proxy.log | <%= config.bin %> report --lines --proto-type LOG --correlation "regex:callid=(\\S+)" --db sqlite:calls.db',
    'echo "$JSON" | <%= config.bin %> report --payload --proto-type RTCP --correlation-id 1234 --hep hep_udp:127.0.0.1:9060',
  ];

  static override args = {
    file: Args.string({
      description: 'HEP packets, a capture file, or text with --lines and --payload; - is standard input',
      default: '-',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    'correlation-id': Flags.string({ helpValue: 'ID', default: '', summary: 'correlation id of every report', helpGroup: 'INPUT' }),
    correlation: Flags.string({
      helpValue: 'RULE',
      default: '',
      summary: 'source of the correlation id if the packet has none: call-id, json:PATH, regex:PATTERN',
      helpGroup: 'INPUT',
    }),
    'proto-type': Flags.string({
      helpValue: 'N|NAME',
      default: '',
      summary: 'payload type; default: that of the packet (chunk 0x000b)',
      helpGroup: 'INPUT',
    }),
    lines: Flags.boolean({ summary: 'each line of text is a report', exclusive: ['payload'], helpGroup: 'INPUT' }),
    payload: Flags.boolean({ summary: 'the whole input is one report', helpGroup: 'INPUT' }),
    source: Flags.string({
      helpValue: 'ADDRESS:PORT',
      default: '127.0.0.1:0',
      summary: 'source address of reports from --lines and --payload',
      helpGroup: 'INPUT',
    }),
    destination: Flags.string({
      helpValue: 'ADDRESS:PORT',
      default: '127.0.0.1:0',
      summary: 'destination address of reports from --lines and --payload',
      helpGroup: 'INPUT',
    }),
    'time-field': Flags.string({
      helpValue: 'PATH',
      default: '',
      summary: 'member of JSON lines with the time (seconds, ms, us or a date); default: now',
      helpGroup: 'INPUT',
    }),
    ...sinkFlags,
    // As report_capture's first argument: the table of the reports.
    table: Flags.string({
      helpValue: 'NAME',
      summary: 'table for the reports (rtcp_table_name), strftime suffix allowed',
      helpGroup: 'DATABASE',
    }),
    ...zoneFlags,
    ...runFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    if (flags.write !== undefined) throw new UsageError('reports cannot be written to a capture file; use --db or --hep');
    const { processEnvironment, report } = await import('../../lib/service/index.js');
    const { sinks, ...run } = runOptions({ ...flags, table: 'sip_capture' });
    await this.finish(
      report(
        {
          ...run,
          sinks: { ...sinks, reportTable: flags.table ?? sinks.reportTable },
          file: args.file,
          input: flags.lines ? 'lines' : flags.payload ? 'payload' : 'packets',
          correlationId: flags['correlation-id'],
          correlation: flags.correlation,
          payloadType: flags['proto-type'],
          source: flags.source,
          destination: flags.destination,
          timeField: flags['time-field'],
        },
        processEnvironment(),
      ),
    );
  }
}
