import { Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { callFlags, callIdArgs, callOptions, choiceFlags, choiceOptions } from '../_call-flags.js';
import { SipcapCommand } from '../_command.js';

export default class CallExport extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'Export the messages of calls with all their legs: capture file, HEP, NDJSON or text; anonymised where asked';
  static override description = `From capture files the original frames are written, otherwise new ones with right checksums. --anonymise replaces numbers, users,
hosts, addresses, names, Call-IDs and credentials, each always by the same replacement; bodies other than SDP are emptied.
Exit code 5: no such call.`;
  static override usage = 'call export [CALL-ID...] -w FILE -r FILE... | --db URL | -i IF | --hep-listen ENDPOINT [FLAGS]';
  static override examples = [
    '<%= config.bin %> call export c1f0@192.0.2.10 -r trace.pcap -w call.pcap',
    '<%= config.bin %> call export --failed --last 1h --db sqlite:calls.db -w failed.txt',
    '<%= config.bin %> call export --latest -r trace.pcap -w ticket.pcap --anonymise',
  ];

  static override strict = false;
  static override args = callIdArgs;

  static override flags = {
    ...callFlags,
    ...choiceFlags,
    write: Flags.string({
      char: 'w',
      helpValue: 'FILE',
      required: true,
      summary: 'file to write: .pcap, .pcapng, .hep, .json or .txt; - is standard output',
      helpGroup: 'OUTPUT',
    }),
    format: Flags.option({ options: ['pcap', 'hep', 'json', 'text'] as const })({
      summary: 'format, where the name does not tell; text has the layout of sngrep',
      helpGroup: 'OUTPUT',
    }),
    limit: Flags.integer({
      helpValue: 'N',
      min: 1,
      default: 10_000,
      summary: 'at most N calls of those chosen by flags',
      helpGroup: 'CALLS',
    }),
    media: Flags.boolean({ summary: 'capture files: the RTP of these calls as well, and no other', helpGroup: 'MEDIA' }),
    anonymise: Flags.boolean({
      aliases: ['anonymize'],
      summary: 'replace what identifies persons, numbers and hosts',
      helpGroup: 'ANONYMISING',
    }),
    'anonymise-key': Flags.string({
      helpValue: 'KEY',
      default: '',
      env: 'SIPCAP_ANONYMISE_KEY',
      summary: 'the same key gives the same replacements; default: a random one',
      helpGroup: 'ANONYMISING',
    }),
    'keep-prefix': Flags.integer({
      helpValue: 'N',
      min: 0,
      max: 15,
      default: 0,
      summary: 'first digits of numbers that stay',
      helpGroup: 'ANONYMISING',
    }),
    strict: Flags.boolean({ summary: 'leave out headers that are not known', helpGroup: 'ANONYMISING' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CallExport);
    const { callExport } = await import('../../lib/service/call/export.js');
    const { write, format: form, anonymise, strict, media } = flags;
    const chosen = {
      ...callOptions(flags, flags.port === undefined ? [] : parsePortRanges(flags.port)),
      ...choiceOptions(flags, argv),
    };
    const hiding = { anonymise, strict, anonymiseKey: flags['anonymise-key'], keepPrefix: flags['keep-prefix'] };
    await this.finish(callExport({ ...chosen, ...hiding, write, form, media }, processEnvironment()));
  }
}
