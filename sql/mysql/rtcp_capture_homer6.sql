-- Reports in the shape of Homer 6: 17 columns and the id.
-- What stands in braces is filled in: the table's name, so that dated tables are made from this file too, and the clause of
-- partitioning.sql or nothing.
CREATE TABLE IF NOT EXISTS {table} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tss TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  tsu BIGINT NOT NULL DEFAULT 0,
  transaction_id VARCHAR(256) NOT NULL DEFAULT '',
  source_ip VARCHAR(60) NOT NULL DEFAULT '',
  source_port INT NOT NULL DEFAULT 0,
  destination_ip VARCHAR(60) NOT NULL DEFAULT '',
  destination_port INT NOT NULL DEFAULT 0,
  proto INT NOT NULL DEFAULT 0,
  family INT NOT NULL DEFAULT 0,
  type INT NOT NULL DEFAULT 0,
  node VARCHAR(125) NOT NULL DEFAULT '',
  data MEDIUMBLOB NOT NULL,
  payload_len INT NOT NULL DEFAULT 0,
  correlation_id VARCHAR(256) NOT NULL DEFAULT '',
  capture_ip VARCHAR(60) NOT NULL DEFAULT '',
  capt_id BIGINT NOT NULL DEFAULT 0,
  event VARCHAR(30) NOT NULL DEFAULT '',
  PRIMARY KEY (id, tss),
  KEY tss (tss),
  KEY transaction_id (transaction_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin{partitioning};
