"""The SQL of the ledger beyond its schema."""

from __future__ import annotations

from collections.abc import Sequence

from .entry import CACHE, FAILED
from .report import UsageQuery
from .rows import ATTEMPT_COLUMNS, REQUEST_COLUMNS, Value

HOUR_US = 3_600_000_000

HAS_LEDGER = "SELECT 1 FROM sqlite_schema WHERE name = 'usage_progress'"
FIND_REQUEST = f"SELECT {', '.join(REQUEST_COLUMNS)} FROM requests WHERE request_id = ?"
FIND_ATTEMPTS = (
    f"SELECT {', '.join(ATTEMPT_COLUMNS)} FROM retried_attempts WHERE request_id = ? ORDER BY number"
)
SCAN_REQUESTS = f"""
SELECT id, {", ".join(REQUEST_COLUMNS)} FROM requests
WHERE (at_us, id) > (?, ?) AND at_us < ?{{filters}} ORDER BY at_us, id LIMIT ?
"""
"""A page of them, in the order of time, from behind the one that the page before it ended with."""
SCAN_ATTEMPTS = f"""
SELECT {", ".join(ATTEMPT_COLUMNS)} FROM retried_attempts
WHERE request_id IN ({{marks}}) ORDER BY request_id, number
"""
SPAN = "SELECT min(at_us), max(at_us) FROM requests WHERE at_us >= ? AND at_us < ?"
INSERT_MISFIT = "INSERT INTO misfits (request_id, reason, entry) VALUES (?, ?, ?)"

NOT_ROLLED_UP = "SELECT coalesce(max(id), 0) - (SELECT upto FROM usage_progress) FROM requests"

_SUMS = (
    *("requests", "attempts", "input", "cached", "output"),
    *("cost_micro", "cost_rest", "unpriced", "estimated"),
)
_DIMENSIONS = ("key_id", "key_name", "tenant", "model", "provider", "outcome")

ROLL_UP = f"""
INSERT INTO usage_hourly (hour, {", ".join(_DIMENSIONS)}, {", ".join(_SUMS)})
SELECT at_us / {HOUR_US}, {", ".join(_DIMENSIONS)}, {", ".join(f"sum({name})" for name in _SUMS)}
FROM usage_of_requests
WHERE id > (SELECT upto FROM usage_progress)
GROUP BY at_us / {HOUR_US}, {", ".join(_DIMENSIONS)}
ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in _SUMS)}
"""
ROLLED_UP = "UPDATE usage_progress SET upto = (SELECT coalesce(max(id), 0) FROM requests)"
"""To be run in the same transaction as ROLL_UP."""


def insert(table: str, columns: Sequence[str], unique: Sequence[str], rows: int) -> str:
    """One statement for many rows: one call into SQLite, which gives up the interpreter lock just once.

    Rows that are there already stay as they are. (OR IGNORE would also drop rows that are wrong.)
    """
    row = f"({','.join('?' * len(columns))})"
    return (
        f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join([row] * rows)}"
        f" ON CONFLICT ({','.join(unique)}) DO NOTHING"
    )


_GROUP_SQL = {
    "model": "model",
    "key": "key_name",
    "day": "date(at_us / 1000000, 'unixepoch')",
    "tenant": "tenant",
    "provider": "provider",
    "outcome": "outcome",
    "key_id": "key_id",
}


def usage_sql(query: UsageQuery) -> tuple[str, list[Value]]:
    """The statement of a usage report and its parameters.

    Whole hours come from the hourly sums; the two broken hours at the ends, and what is not summed up yet,
    from the requests themselves. Its columns: the groups in the order asked for, requests, errors, hits,
    attempts, input, cached, output, cost in 10^-6 USD, the rest in 10^-12, unpriced, estimated.
    """
    columns = f"{', '.join(_DIMENSIONS)}, {', '.join(_SUMS)}"
    parts: list[str] = []
    values: list[Value] = []

    def part(source: str, at: str, where: str, *numbers: int) -> None:
        filters, names = _filters(query)
        parts.append(f"SELECT {at} AS at_us, {columns} FROM {source} WHERE {where}{filters}")
        values.extend((*numbers, *names))

    since, until = query.since_us, query.until_us
    first, last = -(-since // HOUR_US), until // HOUR_US
    upto = "(SELECT upto FROM usage_progress)"
    # The unary plus keeps SQLite from choosing the other index.
    part("usage_of_requests", "at_us", f"id > {upto} AND +at_us >= ? AND +at_us < ?", since, until)
    if first < last:
        part("usage_hourly", f"hour * {HOUR_US}", "hour >= ? AND hour < ?", first, last)
        broken = ((since, first * HOUR_US), (last * HOUR_US, until))
    else:
        broken = ((since, until), (until, until))
    for start, end in broken:
        if start < end:
            part("usage_of_requests", "at_us", f"+id <= {upto} AND at_us >= ? AND at_us < ?", start, end)

    groups = [_GROUP_SQL[name] for name in query.by]
    failed = f"outcome IN {FAILED}"
    errors = f"sum(CASE WHEN {failed} THEN requests ELSE 0 END)"
    hits = f"sum(CASE WHEN provider = '{CACHE}' AND NOT {failed} THEN requests ELSE 0 END)"
    sums = [f"sum({name})" for name in _SUMS]
    chosen = ", ".join((*groups, sums[0], errors, hits, *sums[1:]))
    sql = f"SELECT {chosen} FROM ({' UNION ALL '.join(parts)})"
    if groups:
        sql += f" GROUP BY {', '.join(groups)}"
    return sql + " HAVING count(*) > 0", values


def scan_sql(query: UsageQuery) -> tuple[str, list[Value]]:
    """The statement of a page of requests, and its parameters between the time and the size."""
    sql, values = _filters(query)
    return SCAN_REQUESTS.format(filters=sql), values


def _filters(query: UsageQuery) -> tuple[str, list[Value]]:
    sql = ""
    values: list[Value] = []
    for column, value in (("model", query.model), ("tenant", query.tenant), ("provider", query.provider)):
        if value is not None:
            sql += f" AND {column} = ?"
            values.append(value)
    if query.key is not None:
        sql += " AND (key_name = ? OR key_id = ?)"
        values += [query.key, query.key]
    return sql, values
