-- What the answer cache does for requests with this key, as in "own, ttl=600"; '': as for all.
ALTER TABLE keys ADD COLUMN cache TEXT NOT NULL DEFAULT '';
