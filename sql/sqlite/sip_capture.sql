-- SIP messages: one row each, the columns of OpenSIPS' sipcapture module; `date` is UTC, `micro_ts` microseconds since 1970.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  date TEXT NOT NULL DEFAULT '',
  micro_ts INTEGER NOT NULL DEFAULT 0,
  method TEXT NOT NULL DEFAULT '',
  reply_reason TEXT NOT NULL DEFAULT '',
  ruri TEXT NOT NULL DEFAULT '',
  ruri_user TEXT NOT NULL DEFAULT '',
  ruri_domain TEXT NOT NULL DEFAULT '',
  from_user TEXT NOT NULL DEFAULT '',
  from_domain TEXT NOT NULL DEFAULT '',
  from_tag TEXT NOT NULL DEFAULT '',
  to_user TEXT NOT NULL DEFAULT '',
  to_domain TEXT NOT NULL DEFAULT '',
  to_tag TEXT NOT NULL DEFAULT '',
  pid_user TEXT NOT NULL DEFAULT '',
  contact_user TEXT NOT NULL DEFAULT '',
  auth_user TEXT NOT NULL DEFAULT '',
  callid TEXT NOT NULL DEFAULT '',
  callid_aleg TEXT NOT NULL DEFAULT '',
  via_1 TEXT NOT NULL DEFAULT '',
  via_1_branch TEXT NOT NULL DEFAULT '',
  cseq TEXT NOT NULL DEFAULT '',
  diversion TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  content_type TEXT NOT NULL DEFAULT '',
  auth TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  source_ip TEXT NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip TEXT NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  contact_ip TEXT NOT NULL DEFAULT '',
  contact_port INTEGER NOT NULL DEFAULT 0,
  originator_ip TEXT NOT NULL DEFAULT '',
  originator_port INTEGER NOT NULL DEFAULT 0,
  correlation_id TEXT NOT NULL DEFAULT '',
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  rtp_stat TEXT NOT NULL DEFAULT '',
  type INTEGER NOT NULL DEFAULT 0,
  node TEXT NOT NULL DEFAULT '',
  msg BLOB NOT NULL DEFAULT x'',
  custom_field1 TEXT NOT NULL DEFAULT '',
  custom_field2 TEXT NOT NULL DEFAULT '',
  custom_field3 TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS "{name}_ruri_user" ON {table} (ruri_user);
CREATE INDEX IF NOT EXISTS "{name}_from_user" ON {table} (from_user);
CREATE INDEX IF NOT EXISTS "{name}_to_user" ON {table} (to_user);
CREATE INDEX IF NOT EXISTS "{name}_pid_user" ON {table} (pid_user);
CREATE INDEX IF NOT EXISTS "{name}_auth_user" ON {table} (auth_user);
CREATE INDEX IF NOT EXISTS "{name}_callid_aleg" ON {table} (callid_aleg);
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_callid" ON {table} (callid);
