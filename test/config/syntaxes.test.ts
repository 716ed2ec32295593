/** Both syntaxes give the same settings, and files of OpenSIPS users load unchanged. */
import { expect, test } from '@jest/globals';
import type { Settings } from '../../src/lib/config/index.js';
import { load, settingsIn } from './load.js';
import { YAML } from './syntaxes-rig.js';

/** The tree of the routes holds places, which differ. */
function withoutPlaces(settings: Settings): unknown {
  return { ...settings, spelling: '', script: settings.script?.routes.map(({ kind, name }) => [kind, name]) };
}

const CFG = `
socket=hep_udp:127.0.0.1
listen = hep_tcp:[::1]:9999
loadmodule "sipcapture.so"
loadmodule "proto_hep.so"
loadmodule "db_mysql.so"
modparam("sipcapture", "db_url", "mysql://sipcap:secret@db.example.net:3307/sip")
modparam("sipcapture", "table_name", "homer_%m_%d")
modparam("sipcapture", "rtcp_table_name", "reports")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture|proto_hep", "hep_capture_on", 1)
modparam("sipcapture", "max_async_queries", 50)
modparam("sipcapture", "raw_moni_capture_on", 1)
modparam("sipcapture", "raw_socket_listen", "10.0.0.1:5060-5090")
modparam("sipcapture", "raw_interface", "eth0")
modparam("sipcapture", "raw_sock_children", 4)
modparam("sipcapture", "promiscious_on", 1)
modparam("sipcapture", "raw_moni_bpf_on", 1)
modparam("sipcapture", "capture_node", "007")
modparam("sipcapture", "hep_route", "Capture")
modparam("sipcapture", "callid_column", "call_id")
modparam("sipcapture", "authorization_column", "authorization")
modparam("proto_hep", "hep_port", 9061)
modparam("proto_hep", "hep_capture_id", 2001)
modparam("proto_hep", "hep_id", "[archive] 10.0.0.2; transport=udp; version=2")
modparam("proto_hep", "hep_id", "[homer] homer.example.net:9063")
modparam("proto_hep", "homer5_on", 0)
modparam("proto_hep", "homer5_delim", "|")
modparam("proto_hep", "compressed_payload", 1)
modparam("proto_hep", "hep_max_retries", 3)
modparam("proto_hep", "hep_retry_cooldown", 60)
modparam("mi_fifo", "fifo_name", "/run/sipcap/fifo")
modparam("mi_fifo", "reply_dir", "/run/sipcap")
modparam("sipcap", "hep_targets", "homer")
modparam("sipcap", "hep_targets", "archive")
modparam("sipcap", "target.auth_key", "abc")
modparam("sipcap", "spool.directory", "/var/spool/sipcap")
modparam("sipcap", "spool.max_size", "20G")
modparam("sipcap", "retention.keep", "14d")
modparam("sipcap", "allow", "10.0.0.0/8")
modparam("sipcap", "allow", "127.0.0.1")
modparam("sipcap", "metrics.listen", "9464")
route { sip_capture(); }
route[Capture] { hep_resume_sip(); }
onreply_route { sip_capture(); }
`;

test('equivalent YAML and script give the same settings', () => {
  const cfg = CFG.replace('sipcapture|proto_hep', 'sipcapture');
  expect(withoutPlaces(settingsIn('/etc/sipcap/c.cfg', cfg))).toEqual(withoutPlaces(settingsIn('/etc/sipcap/serve.yaml', YAML)));
});

test('a parameter for several modules applies to each', () => {
  expect(load('c.cfg', CFG).report).toBe(
    [
      `c.cfg:11:34: unknown parameter 'hep_capture_on' of proto_hep`,
      '    modparam("sipcapture|proto_hep", "hep_capture_on", 1)',
      '                                     ^^^^^^^^^^^^^^^^',
      "    note: did you mean 'hep_capture_id'?",
      'c.cfg:28:39: warning: homer5_delim has no effect in sipcap',
      '    modparam("proto_hep", "homer5_delim", "|")',
      '                                          ^^^',
      '',
    ].join('\n'),
  );
});

test('the resulting settings', () => {
  const settings = settingsIn('/etc/sipcap/serve.yaml', YAML);
  expect(settings).toMatchObject({
    spelling: 'yaml',
    captureOn: true,
    workers: 4,
    hepRoute: 'Capture',
    correlationChunk: 101,
    listeners: [
      { transport: 'udp', host: '127.0.0.1', port: 9061 },
      { transport: 'tcp', host: '::1', port: 9999 },
    ],
    live: [{ mode: 'mirror', interfaces: ['eth0'], ports: [{ first: 5060, last: 5090 }], promiscuous: true, kernelFilter: true }],
    targets: [
      { name: 'homer', endpoint: { transport: 'tcp', host: 'homer.example.net', port: 9063 }, version: 3 },
      { name: 'archive', endpoint: { transport: 'udp', host: '10.0.0.2', port: 9060 }, version: 2 },
    ],
    databases: [
      {
        db: 'mysql://sipcap:secret@db.example.net:3307/sip',
        table: 'homer_%m_%d',
        reportTable: 'reports',
        reportShape: 'homer6',
        captureNode: '007',
        batchRows: 50,
        renames: { callid: 'call_id', auth: 'authorization' },
      },
    ],
    relay: {
      cooldown: { afterFailures: 3, seconds: 60 },
      spool: '/var/spool/sipcap',
      spoolMaxBytes: 20e9,
      encoder: { captureId: 2001, compress: true, authKey: Buffer.from('abc') },
    },
    retention: { keepSeconds: 14 * 86_400, keepBytes: Infinity, everySeconds: 3600 },
    metrics: { host: '127.0.0.1', port: 9464 },
  });
  expect(settings.script?.routes.map(({ kind, name }) => [kind, name])).toEqual([
    ['route', ''],
    ['route', 'Capture'],
    ['onreply_route', ''],
  ]);
});

test('a mirroring script with the statements shipped by OpenSIPS loads unchanged', () => {
  const text = `
log_level=3
xlog_level=3
log_stderror=no
log_facility=LOG_LOCAL0
udp_workers=4
auto_aliases=no
socket=udp:127.0.0.1:5060   # CUSTOMIZE ME
mpath="/usr/lib/opensips/modules/"
loadmodule "db_mysql.so"
loadmodule "signaling.so"
loadmodule "sl.so"
loadmodule "mi_fifo.so"
loadmodule "proto_udp.so"
loadmodule "sipcapture.so"
modparam("mi_fifo", "fifo_name", "/tmp/opensips_fifo")
modparam("mi_fifo", "fifo_mode", 0666)
modparam("sl", "enable_stats", 1)
modparam("sipcapture", "db_url", "mysql://opensips:opensipsrw@localhost/opensips")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "table_name", "sip_capture")
modparam("sipcapture", "raw_ipip_capture_on", 0)
modparam("sipcapture", "raw_socket_listen", "10.0.0.1:5060-5080")
modparam("sipcapture", "raw_interface", "eth0")
modparam("sipcapture", "raw_sock_children", 4)
modparam("sipcapture", "promiscious_on", 1)
modparam("sipcapture", "raw_moni_bpf_on", 1)
modparam("sipcapture", "raw_moni_capture_on", 1)

route {
	# every request
	sip_capture();
	drop();
	exit;
}

onreply_route {
	sip_capture();
	drop();
}
`;
  const { settings, report, errors } = load('/etc/opensips/opensips.cfg', text);
  expect(errors).toBe(0);
  expect(settings).toMatchObject({
    captureOn: true,
    listeners: [],
    live: [{ mode: 'mirror', interfaces: ['eth0'], ports: [{ first: 5060, last: 5080 }], promiscuous: true, kernelFilter: true }],
    workers: 4,
    databases: [{ db: 'mysql://opensips:opensipsrw@localhost/opensips' }],
    mi: { fifo: '/tmp/opensips_fifo' },
  });
  expect(settings?.script?.routes.map(({ kind }) => kind)).toEqual(['route', 'onreply_route']);
  // Nothing is ignored silently.
  expect(
    report
      .split('\n')
      .filter((line) => /^\S/.test(line))
      .map((line) => line.replace(/^.*note: /, '')),
  ).toEqual([
    'log_level ignored: concerns OpenSIPS itself',
    'xlog_level ignored: concerns OpenSIPS itself',
    'log_stderror ignored: concerns OpenSIPS itself',
    'log_facility ignored: concerns OpenSIPS itself',
    'udp_workers ignored: sipcap needs fewer processes',
    'auto_aliases ignored: concerns OpenSIPS itself',
    'udp:127.0.0.1:5060 ignored: only hep_* sockets are opened',
    'mpath ignored: concerns OpenSIPS itself',
    'module signaling ignored: not needed for capturing',
    'module sl ignored: not needed for capturing',
    'module proto_udp ignored: not needed for capturing',
    'fifo_mode of mi_fifo ignored: not used for capturing',
    'enable_stats of sl ignored: not used for capturing',
  ]);
  expect(report).not.toContain('opensipsrw');
});
