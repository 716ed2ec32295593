-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too, and the clause of
-- partitioning.sql or nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGSERIAL NOT NULL,
  date TIMESTAMPTZ NOT NULL,
  micro_ts BIGINT NOT NULL DEFAULT 0,
  correlation_id VARCHAR(256) NOT NULL DEFAULT '',
  source_ip VARCHAR(60) NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip VARCHAR(60) NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  type INTEGER NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  msg BYTEA NOT NULL DEFAULT '',
  PRIMARY KEY (id, date)
){partitioning};
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_correlation_id" ON {table} (correlation_id);
