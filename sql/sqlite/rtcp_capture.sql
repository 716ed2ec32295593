-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
-- Every column but the id may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  date TEXT DEFAULT '',
  micro_ts INTEGER DEFAULT 0,
  correlation_id TEXT DEFAULT '',
  source_ip TEXT DEFAULT '',
  source_port INTEGER DEFAULT 0,
  destination_ip TEXT DEFAULT '',
  destination_port INTEGER DEFAULT 0,
  proto INTEGER DEFAULT 0,
  family INTEGER DEFAULT 0,
  type INTEGER DEFAULT 0,
  node TEXT DEFAULT '',
  msg BLOB DEFAULT x''
);
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_correlation_id" ON {table} (correlation_id);
