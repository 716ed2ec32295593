import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

const several = { multiple: true, multipleNonGreedy: true } as const;

export default class HepEdit extends SipcapCommand {
  static override summary = 'Print, set and delete chunks of HEP packets in a file or pipe';
  static override description = `Reads a stream of HEP3 packets (as on TCP), a capture file with HEP over UDP or TCP, or hex lines, and writes the same format.
--set, --get and --del are applied in the given order. With --get only the values are printed, one line per packet, separated by tabs;
a missing chunk is empty. A chunk is given by its name, its id (decimal or 0x hex; the first of any vendor), or vendor:id[:type];
'sipcap hep chunks' lists them. Other chunks keep their bytes and their position.`;
  static override usage = 'hep edit [FILE] [FLAGS]';
  static override examples = [
    '<%= config.bin %> hep edit packets.hep --set proto_type=H321 --set 3:31:uint32=132 --del 25 > edited.hep',
    '<%= config.bin %> hep edit hep.pcap --get src_ip --get correlation_id',
    '<%= config.bin %> hep edit hep.pcap --set captagent_id=7 > edited.pcap',
    '<%= config.bin %> hep edit - --list < packets.hep',
  ];

  static override args = {
    file: Args.string({ description: 'file of packets, capture file, or hex lines; - is standard input', default: '-', ignoreStdin: true }),
  };

  static override flags = {
    set: Flags.string({ ...several, helpValue: 'CHUNK=VALUE', summary: 'set a chunk: src_ip=2001:db8::1, 3:31:uint32=132, payload=@file' }),
    get: Flags.string({ ...several, helpValue: 'CHUNK', summary: 'print a chunk instead of the packet' }),
    del: Flags.string({ ...several, helpValue: 'CHUNK', summary: 'delete a chunk' }),
    list: Flags.boolean({ summary: 'print every chunk of every packet instead of the packet' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'format of --get and --list; json includes vendor and type',
    }),
    'output-format': Flags.option({ options: ['hep', 'pcap', 'hex', 'json'] as const })({
      summary: 'format of the packets; default: that of the input',
    }),
    upgrade: Flags.boolean({ summary: 'convert versions 1 and 2, which are read-only otherwise, to version 3' }),
    force: Flags.boolean({ summary: 'also allow setting proto_family, timestamp and timestamp_us, which follow from the packet' }),
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
