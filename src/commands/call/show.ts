import { Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { callFlags, callIdArgs, callOptions, choiceFlags, choiceOptions } from '../_call-flags.js';
import { SipcapCommand } from '../_command.js';
import { widthFlag } from '../_filter-flags.js';
import { rtpGuessFlag } from '../_media-flags.js';

export default class CallShow extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'Show calls as ladders: messages between the participants, with times, media, retransmissions and all legs';
  static override description = `Legs of one call are one picture: by X-CID, X-Call-ID, HEP correlation id, Session-ID and Replaces, and by --leg-header.
Quality reports (RTCP) of the call are below it. Exit code 5: no such call.`;
  static override usage = 'call show [CALL-ID...] -r FILE... | --db URL | -i IF | --hep-listen ENDPOINT [FLAGS]';
  static override examples = [
    '<%= config.bin %> call show c1f0@192.0.2.10 -r trace.pcap',
    '<%= config.bin %> call show --latest -r trace.pcap --format html > call.html',
    '<%= config.bin %> call show --failed -r trace.pcap --names hosts.txt --ascii',
    '<%= config.bin %> call show 1-2@192.0.2.1 -r trace.pcap --leg-header "X-Trunk:id=(\\w+)" --guess-legs',
  ];

  static override strict = false;
  static override args = callIdArgs;

  static override flags = {
    ...callFlags,
    ...choiceFlags,
    limit: Flags.integer({
      helpValue: 'N',
      min: 1,
      default: 20,
      summary: 'show at most N calls of those chosen by flags',
      helpGroup: 'CALLS',
    }),
    format: Flags.option({ options: ['text', 'mermaid', 'svg', 'html', 'json'] as const, default: 'text' as const })({
      summary: 'output format',
      helpGroup: 'OUTPUT',
    }),
    by: Flags.option({ options: ['host', 'port', 'box'] as const })({
      summary: 'a lane for each host, port, or box (addresses that its Via names); default: port, without those of TCP clients',
      helpGroup: 'OUTPUT',
    }),
    names: Flags.string({
      helpValue: 'FILE',
      default: '',
      summary: 'names of addresses, one a line: 10.0.0.1 sbc; the same name is the same lane',
      helpGroup: 'OUTPUT',
    }),
    media: Flags.boolean({
      allowNo: true,
      default: true,
      summary: 'files and interfaces: measure the RTP of the call: loss, jitter, MOS of each stream',
      helpGroup: 'MEDIA',
    }),
    'rtp-guess': rtpGuessFlag,
    follow: Flags.boolean({ summary: 'show the call while it goes on, from -i or --hep-listen, until it is over', helpGroup: 'OUTPUT' }),
    all: Flags.boolean({ summary: 'each retransmission on its own line', helpGroup: 'OUTPUT' }),
    verbose: Flags.boolean({ char: 'v', summary: 'print the whole message below its line', helpGroup: 'OUTPUT' }),
    ascii: Flags.boolean({ summary: 'ASCII characters only', helpGroup: 'OUTPUT' }),
    width: widthFlag,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CallShow);
    const { callShow } = await import('../../lib/service/call/show.js');
    const { format, names, verbose, ascii, width = 0, by = 'auto', all: unfold, follow, media } = flags;
    const chosen = {
      ...callOptions(flags, flags.port === undefined ? [] : parsePortRanges(flags.port)),
      ...choiceOptions(flags, argv),
    };
    await this.finish(
      callShow(
        { ...chosen, format, names, verbose, ascii, width, by, unfold, follow, media, rtpGuess: flags['rtp-guess'] },
        processEnvironment(),
      ),
    );
  }
}
