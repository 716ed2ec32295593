-- Reports in the shape of Homer 6: 17 columns and the id.
-- Every column but the id may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  tss TEXT DEFAULT '',
  tsu INTEGER DEFAULT 0,
  transaction_id TEXT DEFAULT '',
  source_ip TEXT DEFAULT '',
  source_port INTEGER DEFAULT 0,
  destination_ip TEXT DEFAULT '',
  destination_port INTEGER DEFAULT 0,
  proto INTEGER DEFAULT 0,
  family INTEGER DEFAULT 0,
  type INTEGER DEFAULT 0,
  node TEXT DEFAULT '',
  data BLOB DEFAULT x'',
  payload_len INTEGER DEFAULT 0,
  correlation_id TEXT DEFAULT '',
  capture_ip TEXT DEFAULT '',
  capt_id INTEGER DEFAULT 0,
  event TEXT DEFAULT ''
);
CREATE INDEX IF NOT EXISTS "{name}_tss" ON {table} (tss);
CREATE INDEX IF NOT EXISTS "{name}_transaction_id" ON {table} (transaction_id);
