/** Parameters of the modules that sipcap replaces, typed as in OpenSIPS. Their meaning is defined where the settings are read. */

export interface ModuleParameterRow {
  name: string;
  type: 'text' | 'number';
  /** May be given several times. */
  isRepeatable: boolean;
}

/** `*_column` renames a column; OpenSIPS has one for all but the newest. */
const COLUMNS = [
  'id',
  'date',
  'micro_ts',
  'method',
  'reply_reason',
  'ruri',
  'ruri_user',
  'from_user',
  'from_tag',
  'to_user',
  'to_tag',
  'pid_user',
  'contact_user',
  'auth_user',
  'callid',
  'callid_aleg',
  'via_1',
  'via_1_branch',
  'cseq',
  'diversion',
  'reason',
  'content_type',
  'authorization',
  'user_agent',
  'source_ip',
  'source_port',
  'destination_ip',
  'destination_port',
  'contact_ip',
  'contact_port',
  'originator_ip',
  'originator_port',
  'proto',
  'family',
  'rtp_stat',
  'type',
  'node',
  'msg',
];

export const MODULE_PARAMETERS: Readonly<Record<string, readonly ModuleParameterRow[]>> = {
  sipcapture: [
    text('db_url'),
    text('table_name'),
    text('rtcp_table_name'),
    number('capture_on'),
    number('hep_capture_on'),
    number('max_async_queries'),
    number('raw_ipip_capture_on'),
    number('raw_moni_capture_on'),
    text('raw_socket_listen'),
    text('raw_interface'),
    number('raw_sock_children'),
    number('promiscuous_on'),
    number('promiscious_on'),
    number('raw_moni_bpf_on'),
    text('capture_node'),
    text('hep_route'),
    ...COLUMNS.map((column) => text(`${column}_column`)),
  ],
  proto_hep: [
    { name: 'hep_id', type: 'text', isRepeatable: true },
    number('hep_port'),
    number('hep_capture_id'),
    number('homer5_on'),
    text('homer5_delim'),
    number('compressed_payload'),
    number('hep_send_timeout'),
    number('hep_max_msg_chunks'),
    number('hep_async'),
    number('hep_async_max_postponed_chunks'),
    number('hep_async_local_write_timeout'),
    number('hep_async_local_connect_timeout'),
    number('hep_max_retries'),
    number('hep_retry_cooldown'),
  ],
};

function text(name: string): ModuleParameterRow {
  return { name, type: 'text', isRepeatable: false };
}

function number(name: string): ModuleParameterRow {
  return { name, type: 'number', isRepeatable: false };
}
