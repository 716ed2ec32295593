import { Flags } from '@oclif/core';
import { UsageError } from '../../lib/base/index.js';
import { SipcapCommand } from '../_command.js';
import { runFlags, runOptions, sinkFlags } from '../_flags.js';

export default class CaptureMirror extends SipcapCommand {
  static override summary = 'Capture SIP from capture files (or standard input) and store, write or show it';
  static override description = `Reads pcap and pcapng (also gzip and zstd), finds SIP over UDP, TCP, SCTP and WebSocket, in VLANs, tunnels and fragments,
and hands every message to the sinks. A file that was stored before is not stored twice: only what is new in it is.`;
  static override examples = [
    '<%= config.bin %> capture mirror -r trace.pcap',
    '<%= config.bin %> capture mirror -r /var/spool/trace/*.pcap.gz --db sqlite:calls.db',
    'tcpdump -i eth0 -U -w - udp port 5060 | <%= config.bin %> capture mirror -r - --format json',
  ];

  static override flags = {
    read: Flags.string({ char: 'r', helpValue: 'FILE', multiple: true, required: true, summary: 'capture files, in any order; - is standard input' }),
    port: Flags.string({ helpValue: 'RANGE', summary: 'only these ports: 5060, 5060-5090, or several with commas (as raw_socket_listen)' }),
    'parse-hep': Flags.boolean({ char: 'E', summary: 'decode HEP found in the capture and take the messages inside' }),
    again: Flags.boolean({ summary: 'store everything once more, also what was stored before' }),
    ...sinkFlags,
    ...runFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaptureMirror);
    const { captureFiles, parsePortRanges, processSurroundings } = await import('../../lib/service/index.js');
    if (flags.read.filter((file) => file === '-').length > 1) throw new UsageError('standard input (-r -) can be read once only');
    const ports = flags.port === undefined ? [] : parsePortRanges(flags.port);
    await this.finish(captureFiles({ ...runOptions(flags), files: flags.read, ports, again: flags.again, parseHep: flags['parse-hep'] }, processSurroundings()));
  }
}
