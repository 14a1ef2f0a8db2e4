-- One row per request of a client. Times are microseconds (of Unix time, UTC, where they are an instant);
-- money is 10^-12 US dollars; NULL is "not known". For people there are the views at the end of this file.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: usage_progress counts on it
    request_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    tenant TEXT NOT NULL,
    face TEXT NOT NULL,
    requested TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    stream INTEGER NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT NOT NULL,
    input INTEGER,                         -- not from a cache; NULL: the whole usage is unknown
    output INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_30m INTEGER,
    cache_write_1h INTEGER,
    cache_write_12h INTEGER,
    reasoning INTEGER,                     -- part of output
    tier TEXT,
    estimated INTEGER NOT NULL,
    cost INTEGER,
    ttft_us INTEGER,
    latency_us INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- The attempt, where there was just one and its usage and cost are those of the request: nearly always,
    -- and one row costs half of two. attempt_status is NULL where the attempts stand in retried_attempts.
    attempt_provider TEXT,
    attempt_model TEXT,
    attempt_status INTEGER,
    attempt_outcome TEXT,
    attempt_latency_us INTEGER,
    attempt_upstream_id TEXT,
    attempt_error TEXT
);
CREATE UNIQUE INDEX requests_by_request_id ON requests (request_id);
CREATE INDEX requests_by_time ON requests (at_us);

-- The attempts of the other requests. Read the view "attempts", which has all of them.
CREATE TABLE retried_attempts (
    request_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    input INTEGER,
    output INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_30m INTEGER,
    cache_write_1h INTEGER,
    cache_write_12h INTEGER,
    reasoning INTEGER,
    tier TEXT,
    estimated INTEGER NOT NULL,
    cost INTEGER,
    latency_us INTEGER NOT NULL,
    upstream_id TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (request_id, number)
) WITHOUT ROWID;

-- Sums per hour (of Unix time) of the requests up to usage_progress.upto; the later ones are not yet in them.
-- A sum of 10^-12 dollars would overflow at 9.2 million dollars, so it is kept in two: 10^-6 dollars, and the rest.
CREATE TABLE usage_hourly (
    hour INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    tenant TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    outcome TEXT NOT NULL,
    requests INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cost_micro INTEGER NOT NULL,
    cost_rest INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    PRIMARY KEY (hour, key_id, key_name, tenant, model, provider, outcome)
) WITHOUT ROWID;

CREATE TABLE usage_progress (upto INTEGER NOT NULL);
INSERT INTO usage_progress VALUES (0);

-- Entries that no column can hold (a number beyond 64 bits, text that is no Unicode), as Python's repr.
CREATE TABLE misfits (
    request_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    entry TEXT NOT NULL
);

-- One request in the form in which the sums take it.
CREATE VIEW usage_of_requests AS
SELECT
    id,
    at_us,
    key_id,
    key_name,
    tenant,
    model,
    provider,
    outcome,
    1 AS requests,
    attempts,
    coalesce(input + cache_read + cache_write_5m + cache_write_30m + cache_write_1h + cache_write_12h, 0) AS input,
    coalesce(cache_read, 0) AS cached,
    coalesce(output, 0) AS output,
    coalesce(cost / 1000000, 0) AS cost_micro,
    coalesce(cost % 1000000, 0) AS cost_rest,
    cost IS NULL AS unpriced,
    estimated
FROM requests;

-- For people.
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
    input + cache_read + cache_write_5m + cache_write_30m + cache_write_1h + cache_write_12h AS tokens_in,
    cache_read AS tokens_cached,
    output AS tokens_out,
    CASE
        WHEN cost IS NOT NULL THEN printf('%d.%012d', cost / 1000000000000, cost % 1000000000000)
    END AS cost_usd,
    estimated,
    attempts,
    round(ttft_us / 1000.0, 1) AS first_byte_ms,
    round(latency_us / 1000.0, 1) AS total_ms,
    stream,
    face
FROM requests;

CREATE VIEW attempts AS
SELECT
    request_id, 1 AS number, attempt_provider AS provider, attempt_model AS model, attempt_status AS status,
    attempt_outcome AS outcome, input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h,
    cache_write_12h, reasoning, tier, estimated, cost, attempt_latency_us AS latency_us,
    attempt_upstream_id AS upstream_id, attempt_error AS error
FROM requests
WHERE attempt_status IS NOT NULL
UNION ALL
SELECT
    request_id, number, provider, model, status, outcome, input, output, cache_read, cache_write_5m,
    cache_write_30m, cache_write_1h, cache_write_12h, reasoning, tier, estimated, cost, latency_us, upstream_id, error
FROM retried_attempts;

CREATE VIEW spend_by_day AS
SELECT
    day,
    model,
    key_name AS "key",
    tenant,
    sum(requests) AS requests,
    sum(input) AS tokens_in,
    sum(cached) AS tokens_cached,
    sum(output) AS tokens_out,
    printf(
        '%d.%06d%06d',
        (sum(cost_micro) + sum(cost_rest) / 1000000) / 1000000,
        (sum(cost_micro) + sum(cost_rest) / 1000000) % 1000000,
        sum(cost_rest) % 1000000
    ) AS cost_usd,
    sum(unpriced) AS unpriced,
    sum(estimated) AS estimated
FROM (
    SELECT date(hour * 3600, 'unixepoch') AS day, model, key_name, tenant, requests, input, cached, output,
           cost_micro, cost_rest, unpriced, estimated
    FROM usage_hourly
    UNION ALL
    SELECT date(at_us / 1000000, 'unixepoch'), model, key_name, tenant, requests, input, cached, output,
           cost_micro, cost_rest, unpriced, estimated
    FROM usage_of_requests
    WHERE id > (SELECT upto FROM usage_progress)
)
GROUP BY day, model, key_name, tenant;
