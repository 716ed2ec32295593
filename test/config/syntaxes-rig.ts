/** The result of settings. */

export const YAML = `
db_url: mysql://sipcap:secret@db.example.net:3307/sip
table_name: homer_%m_%d
rtcp_table_name: reports
capture_on: on
hep_capture_on: yes
max_async_queries: 50
raw_moni_capture_on: 1
raw_socket_listen: 10.0.0.1:5060-5090
raw_interface: eth0
raw_sock_children: 4
promiscuous_on: true
raw_moni_bpf_on: 1
capture_node: 007
hep_route: Capture
socket: [hep_udp:127.0.0.1, "hep_tcp:[::1]:9999"]
hep_port: 9061
hep_capture_id: 2001
hep_id:
  - "[archive] 10.0.0.2; transport=udp; version=2"
  - "[homer] homer.example.net:9063"
homer5_on: off
homer5_delim: "|"
compressed_payload: 1
hep_max_retries: 3
hep_retry_cooldown: 60
columns: {callid: call_id, auth: authorization}
hep_targets: [homer, archive]
target: {auth_key: abc}
spool: {directory: /var/spool/sipcap, max_size: 20G}
retention: {keep: 14d}
allow: [10.0.0.0/8, 127.0.0.1]
mi: {fifo: /run/sipcap/fifo, reply_directory: /run/sipcap}
metrics: {listen: "9464"}
route: |
  route { sip_capture(); }
  route[Capture] { hep_resume_sip(); }
  onreply_route { sip_capture(); }
`;
