import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { runFlags, sinkFlags } from '../_flags.js';
import { routeFileFlags } from '../_route-flags.js';
import { captureOptions, liveFlags, refuseMixture } from '../_live-flags.js';

export default class CaptureRaw extends SipcapCommand {
  static override summary = 'Capture SIP that is sent here in IP-in-IP tunnels, and store, write or show it';
  static override description = `Takes IPv4 and IPv6 within IPv4 and IPv6 (protocols 4 and 41) for the address given with --listen, as raw_ipip_capture_on does.
The ports are those within. The outer addresses are kept: in JSON, and as the originator of messages that name none (X-OIP).`;
  static override examples = [
    '<%= config.bin %> capture raw -i eth0 --listen 10.0.0.1:5060-5090 --db sqlite:calls.db',
    '<%= config.bin %> capture raw -r tunnel.pcap --listen 0.0.0.0 --format json',
  ];

  static override flags = {
    listen: Flags.string({
      helpValue: 'ADDRESS[:PORTS]',
      aliases: ['raw-socket-listen'],
      required: true,
      summary: 'outer destination address and inner ports: 10.0.0.1, 10.0.0.1:5060-5090; 0.0.0.0 is any (raw_socket_listen)',
    }),
    read: Flags.string({ char: 'r', helpValue: 'FILE', multiple: true, summary: 'capture files, in any order; - is standard input' }),
    rtcp: Flags.boolean({ summary: 'read RTCP of the calls too: reports as JSON (payload type 5) into the report table or on as HEP' }),
    again: Flags.boolean({ summary: 'store everything once more, also what was stored before' }),
    ...liveFlags(false),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaptureRaw);
    refuseMixture(flags);
    const { captureRaw, parseRawListen, processEnvironment } = await import('../../lib/service/index.js');
    const tunnel = parseRawListen(flags.listen);
    await this.finish(captureRaw({ ...captureOptions(flags), ports: tunnel.ports, parseHep: false, tunnel }, processEnvironment()));
  }
}
