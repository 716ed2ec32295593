-- A table of Homer 7: SIP messages or other payloads by their type. No primary key and no default partition, as Homer's own;
-- homer7-partition.sql makes the partitions, with their indexes. Ids of the three SIP tables, which Homer reads together, never
-- meet: each counts in steps of three from another number.
CREATE SEQUENCE IF NOT EXISTS {sequence} INCREMENT BY {step} START WITH {first};
CREATE TABLE IF NOT EXISTS {table} (
  id BIGINT NOT NULL DEFAULT nextval('{sequence}'),
  sid VARCHAR NOT NULL,
  create_date TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  protocol_header JSONB NOT NULL,
  data_header JSONB NOT NULL,
  raw VARCHAR NOT NULL
) PARTITION BY RANGE (create_date);
ALTER SEQUENCE {sequence} OWNED BY {table}.id;
