-- Our own tables: the position of each stream of rows (an imported file), the tables that sipcap created, and the schema version.
CREATE TABLE IF NOT EXISTS sipcap_position (
  stream String,
  sequence UInt64,
  position String,
  updated DateTime('UTC')
) ENGINE = ReplacingMergeTree(sequence) ORDER BY stream;
CREATE TABLE IF NOT EXISTS sipcap_table (
  name String,
  shape String,
  partition_by String,
  made DateTime('UTC')
) ENGINE = ReplacingMergeTree(made) ORDER BY name;
CREATE TABLE IF NOT EXISTS sipcap_schema (
  version UInt32,
  applied DateTime('UTC')
) ENGINE = ReplacingMergeTree(applied) ORDER BY version;
