-- Our own tables: the position of each stream of rows (an imported file, a writer), the tables that sipcap created, and the
-- schema version.
CREATE TABLE IF NOT EXISTS sipcap_position (
  stream TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  position TEXT NOT NULL,
  updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sipcap_table (
  name TEXT PRIMARY KEY,
  shape TEXT NOT NULL,
  partition_by TEXT NOT NULL,
  made TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sipcap_schema (
  version INTEGER PRIMARY KEY,
  applied TEXT NOT NULL
);
