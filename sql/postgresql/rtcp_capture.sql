-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
-- Placeholders in braces: the table's name (dated tables are created from this file too) and the clause of partitioning.sql
-- or nothing. Every column but the id and the partition key may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGSERIAL NOT NULL,
  date TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  micro_ts BIGINT DEFAULT 0,
  correlation_id VARCHAR(256) DEFAULT '',
  source_ip VARCHAR(60) DEFAULT '',
  source_port INTEGER DEFAULT 0,
  destination_ip VARCHAR(60) DEFAULT '',
  destination_port INTEGER DEFAULT 0,
  proto INTEGER DEFAULT 0,
  family INTEGER DEFAULT 0,
  type INTEGER DEFAULT 0,
  node VARCHAR(125) DEFAULT '',
  msg BYTEA DEFAULT '',
  PRIMARY KEY (id, date)
){partitioning};
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_correlation_id" ON {table} (correlation_id);
