-- SIP messages: one row each, the columns of OpenSIPS' sipcapture module; `date` is UTC, `micro_ts` microseconds since 1970.
-- Placeholders in braces: the table's name (dated tables are created from this file too).
-- Every column but the id may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  date TEXT DEFAULT '',
  micro_ts INTEGER DEFAULT 0,
  method TEXT DEFAULT '',
  reply_reason TEXT DEFAULT '',
  ruri TEXT DEFAULT '',
  ruri_user TEXT DEFAULT '',
  ruri_domain TEXT DEFAULT '',
  from_user TEXT DEFAULT '',
  from_domain TEXT DEFAULT '',
  from_tag TEXT DEFAULT '',
  to_user TEXT DEFAULT '',
  to_domain TEXT DEFAULT '',
  to_tag TEXT DEFAULT '',
  pid_user TEXT DEFAULT '',
  contact_user TEXT DEFAULT '',
  auth_user TEXT DEFAULT '',
  callid TEXT DEFAULT '',
  callid_aleg TEXT DEFAULT '',
  via_1 TEXT DEFAULT '',
  via_1_branch TEXT DEFAULT '',
  cseq TEXT DEFAULT '',
  diversion TEXT DEFAULT '',
  reason TEXT DEFAULT '',
  content_type TEXT DEFAULT '',
  auth TEXT DEFAULT '',
  user_agent TEXT DEFAULT '',
  source_ip TEXT DEFAULT '',
  source_port INTEGER DEFAULT 0,
  destination_ip TEXT DEFAULT '',
  destination_port INTEGER DEFAULT 0,
  contact_ip TEXT DEFAULT '',
  contact_port INTEGER DEFAULT 0,
  originator_ip TEXT DEFAULT '',
  originator_port INTEGER DEFAULT 0,
  correlation_id TEXT DEFAULT '',
  proto INTEGER DEFAULT 0,
  family INTEGER DEFAULT 0,
  rtp_stat TEXT DEFAULT '',
  type INTEGER DEFAULT 0,
  node TEXT DEFAULT '',
  msg BLOB DEFAULT x'',
  custom_field1 TEXT DEFAULT '',
  custom_field2 TEXT DEFAULT '',
  custom_field3 TEXT DEFAULT ''
);
CREATE INDEX IF NOT EXISTS "{name}_ruri_user" ON {table} (ruri_user);
CREATE INDEX IF NOT EXISTS "{name}_from_user" ON {table} (from_user);
CREATE INDEX IF NOT EXISTS "{name}_to_user" ON {table} (to_user);
CREATE INDEX IF NOT EXISTS "{name}_pid_user" ON {table} (pid_user);
CREATE INDEX IF NOT EXISTS "{name}_auth_user" ON {table} (auth_user);
CREATE INDEX IF NOT EXISTS "{name}_callid_aleg" ON {table} (callid_aleg);
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_callid" ON {table} (callid);
