-- What a key may do in a minute, and at once; NULL: not limited.
ALTER TABLE keys ADD COLUMN rpm INTEGER;
ALTER TABLE keys ADD COLUMN input_tpm INTEGER;
ALTER TABLE keys ADD COLUMN output_tpm INTEGER;
ALTER TABLE keys ADD COLUMN tpm INTEGER;
ALTER TABLE keys ADD COLUMN concurrency INTEGER;
-- How its requests stand in the queue: the most seconds (NULL: as the settings have it), the share, who goes first.
ALTER TABLE keys ADD COLUMN max_wait REAL;
ALTER TABLE keys ADD COLUMN weight REAL NOT NULL DEFAULT 1;
ALTER TABLE keys ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
