-- Our own books: how far each stream of rows is (an imported file, a writer), which tables we made, and the
-- version of these books.
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
