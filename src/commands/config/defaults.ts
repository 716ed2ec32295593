import { SipcapCommand } from '../_command.js';

export default class ConfigDefaults extends SipcapCommand {
  static override summary = 'Show the defaults of flags, and the files they come from';
  static override description = `Defaults stand in $XDG_CONFIG_HOME/sipcap/config.yaml (~/.config/sipcap/config.yaml) and /etc/sipcap/config.yaml; flags and the
environment go before them. Names are those of flags: db (for commands that read only), tz, names, time, color, summary, port, leg-header,
hep-id, hep-name, capture-node, fifo, datagram, http, token. SIPCAP_CONFIG=FILE reads another file, SIPCAP_CONFIG= none. serve reads none.`;
  static override usage = 'config defaults';
  static override examples = ['<%= config.bin %> config defaults', 'SIPCAP_CONFIG= <%= config.bin %> call list trace.pcap'];

  async run(): Promise<void> {
    await this.parse(ConfigDefaults);
    const [{ configDefaults }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/config/defaults.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(configDefaults({ environment: process.env }, processEnvironment()));
  }
}
