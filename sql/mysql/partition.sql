-- Splits one period off the partition that holds it, at the second after the period's last.
ALTER TABLE {table} REORGANIZE PARTITION {holder} INTO (PARTITION {partition} VALUES LESS THAN ({until}), PARTITION {holder} VALUES LESS THAN {bound});
