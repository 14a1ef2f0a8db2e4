-- Whose answer a request was given, and what that saved; NULL is "not known". And how many marks for a provider's
-- prompt cache were ours.
ALTER TABLE requests ADD COLUMN cache TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN saved INTEGER DEFAULT 0;
ALTER TABLE requests ADD COLUMN attempt_breakpoints INTEGER DEFAULT 0;
ALTER TABLE retried_attempts ADD COLUMN breakpoints INTEGER NOT NULL DEFAULT 0;
UPDATE requests SET cache = 'hit', saved = NULL WHERE provider = 'cache';

DROP VIEW calls;
CREATE VIEW calls AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%S', at_us / 1000000, 'unixepoch') || printf('.%03dZ', at_us / 1000 % 1000) AS time,
    request_id,
    key_name AS "key",
    tenant,
    requested,
    model,
    provider,
    status,
    outcome,
    error,
    cache,
    source,
    input + cache_read + cache_write_5m + cache_write_30m + cache_write_1h + cache_write_12h AS tokens_in,
    cache_read AS tokens_cached,
    output AS tokens_out,
    CASE
        WHEN cost IS NOT NULL THEN printf('%d.%012d', cost / 1000000000000, cost % 1000000000000)
    END AS cost_usd,
    CASE
        WHEN saved IS NOT NULL THEN printf('%d.%012d', saved / 1000000000000, saved % 1000000000000)
    END AS saved_usd,
    estimated,
    attempts,
    round(ttft_us / 1000.0, 1) AS first_byte_ms,
    round(latency_us / 1000.0, 1) AS total_ms,
    stream,
    face
FROM requests;

DROP VIEW attempts;
CREATE VIEW attempts AS
SELECT
    request_id, 1 AS number, attempt_provider AS provider, attempt_model AS model, attempt_status AS status,
    attempt_outcome AS outcome, input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h,
    cache_write_12h, reasoning, tier, estimated, cost, attempt_latency_us AS latency_us,
    attempt_upstream_id AS upstream_id, attempt_error AS error, attempt_breakpoints AS breakpoints
FROM requests
WHERE attempt_status IS NOT NULL
UNION ALL
SELECT
    request_id, number, provider, model, status, outcome, input, output, cache_read, cache_write_5m,
    cache_write_30m, cache_write_1h, cache_write_12h, reasoning, tier, estimated, cost, latency_us, upstream_id, error,
    breakpoints
FROM retried_attempts;
