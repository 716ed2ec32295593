-- The clause for tables partitioned by capture time; partitions are made by partition.sql when rows need them.
PARTITION BY RANGE ({time})
