-- The clause for tables partitioned by capture time; partition.sql creates partitions when rows need them.
PARTITION BY RANGE ({time})
