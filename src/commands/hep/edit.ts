import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

const several = { multiple: true, multipleNonGreedy: true } as const;

export default class HepEdit extends SipcapCommand {
  static override summary = 'Read, change and delete chunks of HEP packets: a filter for the shell';
  static override description = `Reads a stream of HEP3 packets (as on TCP), a capture file that carries HEP over UDP or TCP, or hex lines, and writes the same.
--set, --get and --del are done in the order in which they are given. With --get only the values are printed, one line a packet, with tabs
between them; a chunk that is absent is empty. A chunk is named by its name, its id (decimal or 0x hex: of any vendor, the first), or
vendor:id[:type]; 'sipcap hep chunks' lists them. What is not touched keeps its bytes and its place.`;
  static override examples = [
    '<%= config.bin %> hep edit packets.hep --set proto_type=H321 --set 3:31:uint32=132 --del 25 > edited.hep',
    '<%= config.bin %> hep edit trace.pcap --get src_ip --get correlation_id',
    '<%= config.bin %> hep edit trace.pcap --set captagent_id=7 > edited.pcap',
    '<%= config.bin %> hep edit - --list < packets.hep',
  ];

  static override args = {
    file: Args.string({ description: 'file with packets, a capture, or hex lines; - is standard input', default: '-', ignoreStdin: true }),
  };

  static override flags = {
    set: Flags.string({ ...several, helpValue: 'CHUNK=VALUE', summary: 'set a chunk: src_ip=2001:db8::1, 3:31:uint32=132, payload=@file' }),
    get: Flags.string({ ...several, helpValue: 'CHUNK', summary: 'print a chunk instead of the packet' }),
    del: Flags.string({ ...several, helpValue: 'CHUNK', summary: 'delete a chunk' }),
    list: Flags.boolean({ summary: 'print every chunk of every packet instead of the packet' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'form of what --get and --list print; json has vendor and type',
    }),
    'output-format': Flags.option({ options: ['hep', 'pcap', 'hex', 'json'] as const })({
      summary: 'form of the packets; that of the input by default',
    }),
    upgrade: Flags.boolean({ summary: 'make version 3 of versions 1 and 2, which can only be read else' }),
    force: Flags.boolean({ summary: 'set also what follows from the packet: proto_family, timestamp, timestamp_us' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no counts at the end' }),
  };

  async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(HepEdit);
    const { hepEdit, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(
      hepEdit(
        {
          file: args.file,
          operations: raw.flatMap((token) =>
            token.type === 'flag' && (token.flag === 'set' || token.flag === 'get' || token.flag === 'del')
              ? [{ kind: token.flag, text: token.input }]
              : [],
          ),
          list: flags.list,
          json: flags.format === 'json',
          force: flags.force,
          upgrade: flags.upgrade,
          output: flags['output-format'],
          quiet: flags.quiet,
        },
        processEnvironment(),
      ),
    );
  }
}
