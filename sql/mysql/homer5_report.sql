-- Reports as Homer 5 reads them: a table for each day and kind, with the partitions of its day.
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
  family INT DEFAULT NULL,
  type INT NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  msg TEXT NOT NULL,
  PRIMARY KEY (id, date),
  KEY date (date),
  KEY correlationid (correlation_id(255))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8{partitioning};
