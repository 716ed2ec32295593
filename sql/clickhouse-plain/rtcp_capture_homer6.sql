-- Reports (RTCP, logs, QoS records): the shape of Homer 6.
-- `stream` and `sequence` are the identity of the message: rows stored twice become one. Ordered by the hour and the call, so that
-- the messages of a call are beside each other. For servers before 20.8: without codecs and indexes.
CREATE TABLE IF NOT EXISTS {table} (
  tss DateTime('UTC'),
  tsu UInt32,
  transaction_id String,
  source_ip String,
  source_port UInt16,
  destination_ip String,
  destination_port UInt16,
  proto UInt8,
  family UInt8,
  type UInt8,
  node String,
  data String,
  payload_len UInt32,
  correlation_id String,
  capture_ip String,
  capt_id UInt32,
  event String,
  stream UInt64,
  sequence UInt64
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(tss)
ORDER BY (toStartOfHour(tss), transaction_id, tss, tsu, stream, sequence)
SETTINGS index_granularity = 8192;
