-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
-- Placeholders in braces: the table's name (dated tables are created from this file too) and the clause of partitioning.sql
-- or nothing. Every column but the id and the partition key may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  micro_ts BIGINT DEFAULT 0,
  correlation_id VARCHAR(256) DEFAULT '',
  source_ip VARCHAR(60) DEFAULT '',
  source_port INT DEFAULT 0,
  destination_ip VARCHAR(60) DEFAULT '',
  destination_port INT DEFAULT 0,
  proto INT DEFAULT 0,
  family INT DEFAULT 0,
  type INT DEFAULT 0,
  node VARCHAR(125) DEFAULT '',
  msg MEDIUMBLOB,
  PRIMARY KEY (id, date),
  KEY date (date),
  KEY correlation_id (correlation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin{partitioning};
