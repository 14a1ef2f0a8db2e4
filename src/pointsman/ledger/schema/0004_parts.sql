-- What requests at other gateways pay of calls that were made here stands among the requests, as cache = 'part':
-- the money counts, the request does not.
DROP VIEW usage_of_requests;
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
    cache <> 'part' AS requests,
    attempts,
    coalesce(input + cache_read + cache_write_5m + cache_write_30m + cache_write_1h + cache_write_12h, 0) AS input,
    coalesce(cache_read, 0) AS cached,
    coalesce(output, 0) AS output,
    coalesce(cost / 1000000, 0) AS cost_micro,
    coalesce(cost % 1000000, 0) AS cost_rest,
    cost IS NULL AS unpriced,
    estimated
FROM requests;
