-- How long a request waited for room in limits before its attempts.
ALTER TABLE requests ADD COLUMN queued_us INTEGER NOT NULL DEFAULT 0;
