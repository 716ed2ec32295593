-- The clause for tables partitioned by capture time; partition.sql splits partitions off when rows need them.
PARTITION BY RANGE (UNIX_TIMESTAMP({time})) (PARTITION pmax VALUES LESS THAN MAXVALUE)
