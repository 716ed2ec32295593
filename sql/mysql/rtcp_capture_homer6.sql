-- Reports in the shape of Homer 6: 17 columns and the id.
-- Placeholders in braces: the table's name (dated tables are created from this file too) and the clause of partitioning.sql
-- or nothing. Every column but the id and the partition key may be NULL: other programs write NULL where they have nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tss TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  tsu BIGINT DEFAULT 0,
  transaction_id VARCHAR(256) DEFAULT '',
  source_ip VARCHAR(60) DEFAULT '',
  source_port INT DEFAULT 0,
  destination_ip VARCHAR(60) DEFAULT '',
  destination_port INT DEFAULT 0,
  proto INT DEFAULT 0,
  family INT DEFAULT 0,
  type INT DEFAULT 0,
  node VARCHAR(125) DEFAULT '',
  data MEDIUMBLOB,
  payload_len INT DEFAULT 0,
  correlation_id VARCHAR(256) DEFAULT '',
  capture_ip VARCHAR(60) DEFAULT '',
  capt_id BIGINT DEFAULT 0,
  event VARCHAR(30) DEFAULT '',
  PRIMARY KEY (id, tss),
  KEY tss (tss),
  KEY transaction_id (transaction_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin{partitioning};
