-- Reports (RTCP, logs, QoS records): the shape of Homer 5, 12 columns and the id.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too, and the clause of
-- partitioning.sql or nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  micro_ts BIGINT NOT NULL DEFAULT 0,
  correlation_id VARCHAR(256) NOT NULL DEFAULT '',
  source_ip VARCHAR(60) NOT NULL DEFAULT '',
  source_port INT NOT NULL DEFAULT 0,
  destination_ip VARCHAR(60) NOT NULL DEFAULT '',
  destination_port INT NOT NULL DEFAULT 0,
  proto INT NOT NULL DEFAULT 0,
  family INT NOT NULL DEFAULT 0,
  type INT NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  msg MEDIUMBLOB NOT NULL,
  PRIMARY KEY (id, date),
  KEY date (date),
  KEY correlation_id (correlation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin{partitioning};
