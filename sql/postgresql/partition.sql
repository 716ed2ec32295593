-- One period's partition; rows of the period that stand in the default partition move over first.
CREATE TABLE {partition} (LIKE {table} INCLUDING ALL);
WITH moved AS (DELETE FROM {default} WHERE {time} >= '{from}' AND {time} < '{until}' RETURNING *) INSERT INTO {partition} SELECT * FROM moved;
ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ('{from}') TO ('{until}');
