/**
 * OpenSIPS functions unrelated to capturing: some do nothing here and are allowed, the others belong to modules
 * that do not exist here. `unknown_functions: skip` skips them, and any unknown one.
 */

/** These have no effect here; they return 1, with a note. */
export const IDLE_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...named('messages are stored as they were captured', [
    'append_hf',
    'insert_hf',
    'append_to_reply',
    'remove_hf',
    'remove_hf_re',
    'append_time',
    'subst',
    'subst_body',
    'subst_uri',
    'replace',
    'replace_body',
    'set_body',
    'strip_body',
    'msg_apply_changes',
    'force_rport',
    'add_local_rport',
    'fix_nated_contact',
    'fix_nated_sdp',
    'fix_nated_register',
    'record_route',
    'remove_body_part',
    'add_body_part',
  ]),
  ...named('the system chooses the source address', [
    'force_send_socket',
    'set_advertised_address',
    'set_advertised_port',
    'force_tcp_alias',
    'tcp_set_conn_parameter',
    'via_handling',
  ]),
  ...named('there are no branches: messages are captured, not sent', [
    'append_branch',
    'append_msg_branch',
    'remove_branch',
    'remove_msg_branch',
    'move_branch',
    'move_msg_branch',
    'swap_branches',
    'swap_msg_branches',
    'serialize_branches',
    'next_branches',
    'sort_branches',
  ]),
  ...named('names are not resolved here', ['use_blacklist', 'unuse_blacklist', 'add_blacklist_rule', 'del_blacklist_rule']),
  ...named('set log.level to debug', ['avp_print']),
  ...named('scripts never wait here', ['usleep', 'sleep']),
  ...named('use route explain', ['script_trace']),
  ...named('asserts are off, as by default', ['assert']),
  ...named('log levels belong to the configuration', ['set_xlog_level', 'setdebug']),
]);

export interface ForeignFunction {
  module: string;
  /** The return value if skipped: 1 if the OpenSIPS function never fails. */
  code: 1 | -1;
}

export const FOREIGN_FUNCTIONS: ReadonlyMap<string, ForeignFunction> = new Map([
  ...ofModule('core', -1, ['forward', 'send', 'send_tcp', 'raise_event', 'subscribe_event', 'unsubscribe_event']),
  ...ofModule('core', -1, ['check_blacklist_rule', 'sr_check_status', 'cache_raw_query']),
  ...ofModule('sl', 1, ['sl_send_reply', 'sl_reply_error', 'send_reply']),
  ...ofModule('tm', -1, [
    't_relay',
    't_reply',
    't_newtran',
    't_check_trans',
    't_check_status',
    't_was_cancelled',
    't_local_replied',
    't_cancel_branch',
  ]),
  ...ofModule('tm', 1, ['t_on_reply', 't_on_failure', 't_on_branch']),
  ...ofModule('rr', -1, ['loose_route', 'is_direction', 'check_route_param', 'add_rr_param']),
  ...ofModule('maxfwd', 1, ['mf_process_maxfwd_header', 'max_fwd']),
  ...ofModule('nathelper', -1, ['nat_uac_test']),
  ...ofModule('permissions', -1, ['check_source_address', 'check_address', 'allow_register', 'allow_routing', 'get_source_group']),
  ...ofModule('domain', -1, ['is_from_local', 'is_uri_host_local', 'is_domain_local']),
  ...ofModule('avpops', -1, [
    'avp_db_query',
    'avp_db_load',
    'avp_db_store',
    'avp_db_delete',
    'avp_check',
    'avp_copy',
    'avp_subst',
    'avp_op',
    'avp_pushto',
  ]),
  ...ofModule('sqlops', -1, ['sql_query', 'sql_select_one', 'sql_avp_load', 'sql_avp_store']),
  ...ofModule('rest_client', -1, ['rest_get', 'rest_post', 'rest_put']),
  ...ofModule('exec', -1, ['exec', 'exec_dset', 'exec_avp', 'exec_msg']),
  ...ofModule('dispatcher', -1, ['ds_select_dst', 'ds_select_domain', 'ds_next_dst', 'ds_is_in_list', 'ds_mark_dst', 'ds_count']),
  ...ofModule('load_balancer', -1, ['lb_start', 'lb_next', 'lb_is_started', 'load_balance', 'lb_is_destination']),
  ...ofModule('drouting', -1, ['do_routing', 'route_to_gw', 'route_to_carrier', 'use_next_gw', 'is_from_gw', 'goes_to_gw']),
  ...ofModule('carrierroute', -1, ['cr_route', 'cr_user_carrier']),
  ...ofModule('dialplan', -1, ['dp_translate']),
  ...ofModule('speeddial', -1, ['sd_lookup']),
  ...ofModule('ratelimit', -1, ['rl_check', 'rl_dec_count', 'ratelimit']),
  ...ofModule('pike', -1, ['pike_check_req']),
  ...ofModule('usrloc/registrar', -1, ['save', 'lookup', 'is_registered']),
  ...ofModule('auth', -1, ['www_authorize', 'proxy_authorize', 'www_challenge', 'proxy_challenge', 'consume_credentials']),
  ...ofModule('dialog', -1, ['create_dialog', 'match_dialog', 'set_dlg_flag', 'get_dialog_info', 'store_dlg_value', 'fetch_dlg_value']),
  ...ofModule('acc', 1, ['do_accounting', 'drop_accounting', 'acc_log_request', 'acc_db_request']),
  ...ofModule('siptrace/tracer', 1, ['sip_trace', 'trace', 'trace_dialog']),
  ...ofModule('rtpproxy/rtpengine', -1, [
    'rtpproxy_offer',
    'rtpproxy_answer',
    'rtpproxy_unforce',
    'rtpengine_offer',
    'rtpengine_answer',
    'rtpengine_delete',
  ]),
  ...ofModule('mathops', -1, ['math_eval', 'math_rpn', 'math_trunc', 'math_round', 'math_compare']),
  ...ofModule('cfgutils', -1, [
    'abort',
    'pkg_status',
    'shm_status',
    'get_static_lock',
    'release_static_lock',
    'get_dynamic_lock',
    'release_dynamic_lock',
  ]),
  ...ofModule('uac', -1, ['uac_replace_from', 'uac_replace_to', 'uac_auth']),
  ...ofModule('topology_hiding', -1, ['topology_hiding', 'topology_hiding_match']),
  ...ofModule('perl/python/lua', -1, ['perl_exec', 'python_exec', 'lua_exec']),
]);

function named(why: string, names: readonly string[]): [string, string][] {
  return names.map((name) => [name, why]);
}

function ofModule(module: string, code: 1 | -1, names: readonly string[]): [string, ForeignFunction][] {
  return names.map((name) => [name, { module, code }]);
}
