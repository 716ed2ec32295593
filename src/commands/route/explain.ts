import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { routeFlags } from '../_route-flags.js';

export default class RouteExplain extends SipcapCommand {
  static override summary = 'Run a route script over packets and print what it does with each message, without storing or sending anything';
  static override usage = 'route explain FILE [FLAGS]';
  static override examples = [
    '<%= config.bin %> route explain capture.route --hep packets.hep',
    '<%= config.bin %> route explain opensips.cfg -r trace.pcap -c 5',
    '<%= config.bin %> route explain capture.route -r trace.pcap --format json',
  ];

  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'routes, an OpenSIPS script (.cfg), or a serve configuration (.yaml)',
    }),
  };
  static override flags = {
    hep: Flags.string({
      helpValue: 'PACKETS',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'HEP packets: a stream, or a capture file with HEP; - is standard input; may be repeated',
    }),
    read: Flags.string({
      char: 'r',
      helpValue: 'CAPTURE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'capture file with SIP or HEP; - is standard input; may be repeated',
    }),
    count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, summary: 'stop after N messages' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'output format; json: one line per message',
    }),
    ...routeFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RouteExplain);
    const [{ routeExplain }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/route/explain.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(
      routeExplain(
        {
          file: args.file,
          hepRoute: flags['hep-route'],
          scriptVersion: flags['script-version'] ?? '',
          unknownFunctions: flags['unknown-functions'],
          environment: process.env,
          hep: flags.hep ?? [],
          captures: flags.read ?? [],
          count: flags.count ?? 0,
          format: flags.format,
        },
        processEnvironment(),
      ),
    );
  }
}
