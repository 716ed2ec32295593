-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER PRIMARY KEY,
  date TEXT NOT NULL DEFAULT '',
  micro_ts INTEGER NOT NULL DEFAULT 0,
  correlation_id TEXT NOT NULL DEFAULT '',
  source_ip TEXT NOT NULL DEFAULT '',
  source_port INTEGER NOT NULL DEFAULT 0,
  destination_ip TEXT NOT NULL DEFAULT '',
  destination_port INTEGER NOT NULL DEFAULT 0,
  proto INTEGER NOT NULL DEFAULT 0,
  family INTEGER NOT NULL DEFAULT 0,
  type INTEGER NOT NULL DEFAULT 0,
  node TEXT NOT NULL DEFAULT '',
  msg BLOB NOT NULL DEFAULT x''
);
CREATE INDEX IF NOT EXISTS "{name}_date" ON {table} (date);
CREATE INDEX IF NOT EXISTS "{name}_correlation_id" ON {table} (correlation_id);
