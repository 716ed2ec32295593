-- Our own tables: the position of each stream of rows (an imported file, a writer), the tables that sipcap created, and the
-- schema version.
CREATE TABLE IF NOT EXISTS sipcap_position (
  stream VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence BIGINT NOT NULL,
  position MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
  updated TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (stream)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS sipcap_table (
  name VARCHAR(130) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shape VARCHAR(40) CHARACTER SET ascii NOT NULL,
  partition_by VARCHAR(10) CHARACTER SET ascii NOT NULL,
  made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (name)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS sipcap_schema (
  version INT NOT NULL,
  applied TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (version)
) ENGINE=InnoDB;
