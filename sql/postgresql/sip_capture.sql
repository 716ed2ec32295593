-- SIP messages: one row each, the columns of OpenSIPS' sipcapture module; `micro_ts` is microseconds since 1970.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too, and the clause of
-- partitioning.sql or nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGSERIAL NOT NULL,
  date TIMESTAMPTZ NOT NULL,
  micro_ts BIGINT NOT NULL DEFAULT 0,
  method VARCHAR(50) NOT NULL DEFAULT '',
  reply_reason VARCHAR(100) NOT NULL DEFAULT '',
  ruri VARCHAR(200) NOT NULL DEFAULT '',
  ruri_user VARCHAR(100) NOT NULL DEFAULT '',
  ruri_domain VARCHAR(150) NOT NULL DEFAULT '',
  from_user VARCHAR(100) NOT NULL DEFAULT '',
  from_domain VARCHAR(150) NOT NULL DEFAULT '',
  from_tag VARCHAR(255) NOT NULL DEFAULT '',
  to_user VARCHAR(100) NOT NULL DEFAULT '',
  to_domain VARCHAR(150) NOT NULL DEFAULT '',
  to_tag VARCHAR(255) NOT NULL DEFAULT '',
  pid_user VARCHAR(100) NOT NULL DEFAULT '',
  contact_user VARCHAR(120) NOT NULL DEFAULT '',
  auth_user VARCHAR(120) NOT NULL DEFAULT '',
  callid VARCHAR(255) NOT NULL DEFAULT '',
  callid_aleg VARCHAR(255) NOT NULL DEFAULT '',
  via_1 VARCHAR(256) NOT NULL DEFAULT '',
  via_1_branch VARCHAR(80) NOT NULL DEFAULT '',
  cseq VARCHAR(64) NOT NULL DEFAULT '',
  diversion VARCHAR(256) NOT NULL DEFAULT '',
  reason VARCHAR(200) NOT NULL DEFAULT '',
  content_type VARCHAR(256) NOT NULL DEFAULT '',
  auth VARCHAR(256) NOT NULL DEFAULT '',
  user_agent VARCHAR(256) NOT NULL DEFAULT '',
  source_ip VARCHAR(50) NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip VARCHAR(50) NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  contact_ip VARCHAR(60) NOT NULL DEFAULT '',
  contact_port INTEGER NOT NULL DEFAULT 0,
  originator_ip VARCHAR(60) NOT NULL DEFAULT '',
  originator_port INTEGER NOT NULL DEFAULT 0,
  correlation_id VARCHAR(256) NOT NULL DEFAULT '',
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  rtp_stat VARCHAR(256) NOT NULL DEFAULT '',
  type INTEGER NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  msg BYTEA NOT NULL DEFAULT '',
  custom_field1 VARCHAR(256) NOT NULL DEFAULT '',
  custom_field2 VARCHAR(256) NOT NULL DEFAULT '',
  custom_field3 VARCHAR(256) NOT NULL DEFAULT '',
  PRIMARY KEY (id, date)
){partitioning};
CREATE INDEX IF NOT EXISTS "{name}_ruri_user" ON {table} (ruri_user);
CREATE INDEX IF NOT EXISTS "{name}_from_user" ON {table} (from_user);
CREATE INDEX IF NOT EXISTS "{name}_to_user" ON {table} (to_user);
CREATE INDEX IF NOT EXISTS "{name}_pid_user" ON {table} (pid_user);
CREATE INDEX IF NOT EXISTS "{name}_auth_user" ON {table} (auth_user);
CREATE INDEX IF NOT EXISTS "{name}_callid_aleg" ON {table} (callid_aleg);
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_callid" ON {table} (callid);
