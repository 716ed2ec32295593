-- Reports in the shape of Homer 6: 17 columns and the id.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  tss TEXT NOT NULL DEFAULT '',
  tsu INTEGER NOT NULL DEFAULT 0,
  transaction_id TEXT NOT NULL DEFAULT '',
  source_ip TEXT NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip TEXT NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  type INTEGER NOT NULL DEFAULT 0,
  node TEXT NOT NULL DEFAULT '',
  data BLOB NOT NULL DEFAULT x'',
  payload_len INTEGER NOT NULL DEFAULT 0,
  correlation_id TEXT NOT NULL DEFAULT '',
  capture_ip TEXT NOT NULL DEFAULT '',
  capt_id INTEGER NOT NULL DEFAULT 0,
  event TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS "{name}_tss" ON {table} (tss);
CREATE INDEX IF NOT EXISTS "{name}_transaction_id" ON {table} (transaction_id);
