-- Reports (RTCP, logs, QoS records): the shape of Homer 5.
-- `stream` and `sequence` are the identity of the message: rows stored twice become one. Ordered by the hour and the call, so that
-- the messages of a call are beside each other. For servers before 20.8: without codecs and indexes.
CREATE TABLE IF NOT EXISTS {table} (
  date DateTime('UTC'),
  micro_ts Int64,
  correlation_id String,
  source_ip String,
  source_port UInt16,
  destination_ip String,
  destination_port UInt16,
  proto UInt8,
  family UInt8,
  type UInt8,
  node String,
  msg String,
  stream UInt64,
  sequence UInt64
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(date)
ORDER BY (toStartOfHour(date), correlation_id, micro_ts, stream, sequence)
SETTINGS index_granularity = 8192;
