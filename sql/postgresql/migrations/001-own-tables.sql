-- Our own tables: the position of each stream of rows (an imported file, a writer), the tables that sipcap created, and the
-- schema version.
CREATE TABLE IF NOT EXISTS sipcap_position (
  stream VARCHAR(255) COLLATE "C" PRIMARY KEY,
  sequence BIGINT NOT NULL,
  position TEXT NOT NULL,
  updated TIMESTAMPTZ NOT NULL
);
CREATE TABLE IF NOT EXISTS sipcap_table (
  name VARCHAR(130) COLLATE "C" PRIMARY KEY,
  shape VARCHAR(40) NOT NULL,
  partition_by VARCHAR(10) NOT NULL,
  made TIMESTAMPTZ NOT NULL
);
CREATE TABLE IF NOT EXISTS sipcap_schema (
  version INTEGER PRIMARY KEY,
  applied TIMESTAMPTZ NOT NULL
);
