-- SIP messages: one row each, the columns of OpenSIPS' sipcapture module; `micro_ts` is microseconds since 1970.
-- Placeholders in braces: the table's name (dated tables are created from this file too) and the clause of partitioning.sql
-- or nothing. Every column but the id and the partition key may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGSERIAL NOT NULL,
  date TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  micro_ts BIGINT DEFAULT 0,
  method VARCHAR(50) DEFAULT '',
  reply_reason VARCHAR(100) DEFAULT '',
  ruri VARCHAR(200) DEFAULT '',
  ruri_user VARCHAR(100) DEFAULT '',
  ruri_domain VARCHAR(150) DEFAULT '',
  from_user VARCHAR(100) DEFAULT '',
  from_domain VARCHAR(150) DEFAULT '',
  from_tag VARCHAR(255) DEFAULT '',
  to_user VARCHAR(100) DEFAULT '',
  to_domain VARCHAR(150) DEFAULT '',
  to_tag VARCHAR(255) DEFAULT '',
  pid_user VARCHAR(100) DEFAULT '',
  contact_user VARCHAR(120) DEFAULT '',
  auth_user VARCHAR(120) DEFAULT '',
  callid VARCHAR(255) DEFAULT '',
  callid_aleg VARCHAR(255) DEFAULT '',
  via_1 VARCHAR(256) DEFAULT '',
  via_1_branch VARCHAR(80) DEFAULT '',
  cseq VARCHAR(64) DEFAULT '',
  diversion VARCHAR(256) DEFAULT '',
  reason VARCHAR(200) DEFAULT '',
  content_type VARCHAR(256) DEFAULT '',
  auth VARCHAR(256) DEFAULT '',
  user_agent VARCHAR(256) DEFAULT '',
  source_ip VARCHAR(50) DEFAULT '',
  source_port INTEGER DEFAULT 0,
  destination_ip VARCHAR(50) DEFAULT '',
  destination_port INTEGER DEFAULT 0,
  contact_ip VARCHAR(60) DEFAULT '',
  contact_port INTEGER DEFAULT 0,
  originator_ip VARCHAR(60) DEFAULT '',
  originator_port INTEGER DEFAULT 0,
  correlation_id VARCHAR(256) DEFAULT '',
  proto INTEGER DEFAULT 0,
  family INTEGER DEFAULT 0,
  rtp_stat VARCHAR(256) DEFAULT '',
  type INTEGER DEFAULT 0,
  node VARCHAR(125) DEFAULT '',
  msg BYTEA DEFAULT '',
  custom_field1 VARCHAR(256) DEFAULT '',
  custom_field2 VARCHAR(256) DEFAULT '',
  custom_field3 VARCHAR(256) DEFAULT '',
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
