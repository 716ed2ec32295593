import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { routeFlags } from '../_route-flags.js';

export default class RouteCheck extends SipcapCommand {
  static override summary = 'Check a route script and print all errors with their places';
  static override usage = 'route check FILE [FLAGS]';
  static override examples = [
    '<%= config.bin %> route check capture.route',
    '<%= config.bin %> route check opensips.cfg --hep-route my_hep_route',
  ];

  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'routes, an OpenSIPS script (.cfg), or a serve configuration (.yaml)',
    }),
  };
  static override flags = { ...routeFlags, quiet: Flags.boolean({ char: 'q', summary: 'errors only: no warnings, notes or OK' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RouteCheck);
    const [{ routeCheck }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/route/check.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(
      routeCheck(
        {
          file: args.file,
          hepRoute: flags['hep-route'],
          scriptVersion: flags['script-version'] ?? '',
          unknownFunctions: flags['unknown-functions'],
          environment: process.env,
          errorsOnly: flags.quiet,
        },
        processEnvironment(),
      ),
    );
  }
}
