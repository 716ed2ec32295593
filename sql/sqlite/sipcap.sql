-- Our own books: how far each stream of rows is (an imported file, a writer), and the version of these tables.
CREATE TABLE IF NOT EXISTS sipcap_position (
  stream TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  position TEXT NOT NULL,
  updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sipcap_schema (
  version INTEGER NOT NULL
);
INSERT INTO sipcap_schema (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM sipcap_schema);
