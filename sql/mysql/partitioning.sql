-- The clause for tables partitioned by capture time; partitions are split off by partition.sql when rows need them.
PARTITION BY RANGE (UNIX_TIMESTAMP({time})) (PARTITION pmax VALUES LESS THAN MAXVALUE)
