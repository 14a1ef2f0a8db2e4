-- Answers under idempotency keys, and requests that have begun and have none yet.
CREATE TABLE idempotency (
    ident BLOB PRIMARY KEY,        -- digest of the virtual key's id and the Idempotency-Key
    fingerprint BLOB NOT NULL,     -- digest of path, query and body
    request_id TEXT NOT NULL,      -- of the first request
    at_us INTEGER NOT NULL,        -- when that came: microseconds of Unix time
    owner BLOB NOT NULL,           -- the process that is at it, or was
    lease_us INTEGER NOT NULL,     -- until when that said that it is alive
    status INTEGER,                -- of the answer; NULL: there is none
    headers BLOB,                  -- a line each
    body BLOB,                     -- compressed by zlib; NULL where it was too large
    streamed INTEGER,
    size INTEGER                   -- what it counts for in idempotency.max_mb
);
CREATE INDEX idempotency_by_age ON idempotency (at_us, size) WHERE status IS NOT NULL;
CREATE INDEX idempotency_begun ON idempotency (owner) WHERE status IS NULL;
