-- Reports (RTCP, logs, QoS records): the shape of Homer 6.
-- `stream` and `sequence` are the identity of the message: rows stored twice become one. Ordered by the hour and the call, so that
-- the messages of a call are beside each other.
CREATE TABLE IF NOT EXISTS {table} (
  tss DateTime('UTC') CODEC(Delta, ZSTD(1)),
  tsu UInt32 CODEC(Delta, ZSTD(1)),
  transaction_id String CODEC(ZSTD(1)),
  source_ip String CODEC(ZSTD(1)),
  source_port UInt16 CODEC(ZSTD(1)),
  destination_ip String CODEC(ZSTD(1)),
  destination_port UInt16 CODEC(ZSTD(1)),
  proto UInt8 CODEC(ZSTD(1)),
  family UInt8 CODEC(ZSTD(1)),
  type UInt8 CODEC(ZSTD(1)),
  node LowCardinality(String) CODEC(ZSTD(1)),
  data String CODEC(ZSTD(1)),
  payload_len UInt32 CODEC(ZSTD(1)),
  correlation_id String CODEC(ZSTD(1)),
  capture_ip String CODEC(ZSTD(1)),
  capt_id UInt32 CODEC(ZSTD(1)),
  event LowCardinality(String) CODEC(ZSTD(1)),
  stream UInt64 CODEC(ZSTD(1)),
  sequence UInt64 CODEC(Delta, ZSTD(1)),
  INDEX by_transaction_id transaction_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(tss)
ORDER BY (toStartOfHour(tss), transaction_id, tss, tsu, stream, sequence)
SETTINGS index_granularity = 8192;
