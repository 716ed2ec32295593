-- Where rows go whose period has no partition.
CREATE TABLE IF NOT EXISTS {partition} PARTITION OF {table} DEFAULT;
