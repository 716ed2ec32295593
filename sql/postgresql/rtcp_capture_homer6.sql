-- Reports in the shape of Homer 6: 17 columns and the id.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too, and the clause of
-- partitioning.sql or nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGSERIAL NOT NULL,
  tss TIMESTAMPTZ NOT NULL,
  tsu BIGINT NOT NULL DEFAULT 0,
  transaction_id VARCHAR(256) NOT NULL DEFAULT '',
  source_ip VARCHAR(60) NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip VARCHAR(60) NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  type INTEGER NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  data BYTEA NOT NULL DEFAULT '',
  payload_len INTEGER NOT NULL DEFAULT 0,
  correlation_id VARCHAR(256) NOT NULL DEFAULT '',
  capture_ip VARCHAR(60) NOT NULL DEFAULT '',
  capt_id BIGINT NOT NULL DEFAULT 0,
  event VARCHAR(30) NOT NULL DEFAULT '',
  PRIMARY KEY (id, tss)
){partitioning};
CREATE INDEX IF NOT EXISTS "{name}_tss" ON {table} (tss);
CREATE INDEX IF NOT EXISTS "{name}_transaction_id" ON {table} (transaction_id);
