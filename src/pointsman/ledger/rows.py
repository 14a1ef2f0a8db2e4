"""Entries as rows of the ledger's tables, and back. The order of the columns is defined here, once."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.chat import Usage

from .entry import Attempt, Entry

Value = str | int | None
Row = tuple[Value, ...]

_USAGE_COLUMNS = (
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_30m",
    "cache_write_1h",
    "cache_write_12h",
    "reasoning",
    "tier",
)

REQUEST_COLUMNS = (
    *("request_id", "at_us", "key_id", "key_name", "tenant", "face", "requested", "model", "provider"),
    *("stream", "status", "outcome", "error"),
    *_USAGE_COLUMNS,
    *("estimated", "cost", "ttft_us", "latency_us", "queued_us", "cache", "source", "saved", "attempts"),
    *("attempt_provider", "attempt_model", "attempt_status", "attempt_outcome"),
    *("attempt_latency_us", "attempt_upstream_id", "attempt_error", "attempt_breakpoints"),
)

ATTEMPT_COLUMNS = (
    *("request_id", "number", "provider", "model", "status", "outcome"),
    *_USAGE_COLUMNS,
    *("estimated", "cost", "latency_us", "upstream_id", "error", "breakpoints"),
)

_NO_USAGE: Row = (None,) * len(_USAGE_COLUMNS)
_NO_ATTEMPT: Row = (None,) * 8
_USAGE_AT = REQUEST_COLUMNS.index("input")
_ATTEMPT_AT = REQUEST_COLUMNS.index("attempt_provider")


def _usage_values(usage: Usage | None) -> Row:
    if usage is None:
        return _NO_USAGE
    return (
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_30m,
        usage.cache_write_1h,
        usage.cache_write_12h,
        usage.reasoning,
        usage.tier,
    )


def sole_attempt(entry: Entry) -> Attempt | None:
    """The attempt that fits into the row of its request: the only one, with the same usage and cost."""
    if len(entry.attempts) != 1:
        return None
    attempt = entry.attempts[0]
    if attempt.usage is entry.usage and attempt.cost is entry.cost and attempt.number == 1:  # nearly always
        return attempt if attempt.estimated is entry.estimated else None
    fits = (
        attempt.number == 1
        and attempt.cost == entry.cost
        and attempt.estimated == entry.estimated
        and attempt.usage == entry.usage
    )
    return attempt if fits else None


def request_row(entry: Entry) -> Row:
    """Values in the order of ``REQUEST_COLUMNS``."""
    attempt = sole_attempt(entry)
    return (
        entry.request_id,
        entry.at_us,
        entry.key_id,
        entry.key_name,
        entry.tenant,
        entry.face,
        entry.requested,
        entry.model,
        entry.provider,
        entry.stream,
        entry.status,
        entry.outcome,
        entry.error,
        *_usage_values(entry.usage),
        entry.estimated,
        entry.cost,
        entry.ttft_us,
        entry.latency_us,
        entry.queued_us,
        entry.cache,
        entry.source,
        entry.saved,
        len(entry.attempts),
        *(
            _NO_ATTEMPT
            if attempt is None
            else (
                attempt.provider,
                attempt.model,
                attempt.status,
                attempt.outcome,
                attempt.latency_us,
                attempt.upstream_id,
                attempt.error,
                attempt.breakpoints,
            )
        ),
    )


def attempt_rows(entry: Entry) -> list[Row]:
    """Rows in the order of ``ATTEMPT_COLUMNS``; none where :func:`request_row` holds the attempt."""
    if sole_attempt(entry) is not None:
        return []
    return [
        (
            entry.request_id,
            attempt.number,
            attempt.provider,
            attempt.model,
            attempt.status,
            attempt.outcome,
            *_usage_values(attempt.usage),
            attempt.estimated,
            attempt.cost,
            attempt.latency_us,
            attempt.upstream_id,
            attempt.error,
            attempt.breakpoints,
        )
        for attempt in entry.attempts
    ]


def entry_from_rows(request: Sequence[Value], attempts: Sequence[Sequence[Value]]) -> Entry:
    """The entry again, from its row (``REQUEST_COLUMNS``) and the rows of its attempts, by number."""
    row = dict(zip(REQUEST_COLUMNS, request, strict=True))
    usage = _usage(request[_USAGE_AT : _USAGE_AT + len(_USAGE_COLUMNS)])
    estimated, cost = bool(row["estimated"]), _optional(row["cost"])
    if row["attempt_status"] is not None:
        provider, model, status, outcome, latency_us, upstream_id, error, breakpoints = request[_ATTEMPT_AT:]
        made: tuple[Attempt, ...] = (
            Attempt(
                number=1,
                provider=str(provider),
                model=str(model),
                status=_int(status),
                outcome=str(outcome),
                usage=usage,
                estimated=estimated,
                cost=cost,
                latency_us=_int(latency_us),
                upstream_id=str(upstream_id),
                error=str(error),
                breakpoints=_int(breakpoints),
            ),
        )
    else:
        made = tuple(_attempt(attempt) for attempt in attempts)
    return Entry(
        request_id=str(row["request_id"]),
        at_us=_int(row["at_us"]),
        key_id=str(row["key_id"]),
        key_name=str(row["key_name"]),
        tenant=str(row["tenant"]),
        face=str(row["face"]),
        requested=str(row["requested"]),
        model=str(row["model"]),
        provider=str(row["provider"]),
        stream=bool(row["stream"]),
        status=_int(row["status"]),
        outcome=str(row["outcome"]),
        error=str(row["error"]),
        usage=usage,
        estimated=estimated,
        cost=cost,
        ttft_us=_optional(row["ttft_us"]),
        latency_us=_int(row["latency_us"]),
        attempts=made,
        queued_us=_int(row["queued_us"]),
        cache=str(row["cache"]),
        source=str(row["source"]),
        saved=_optional(row["saved"]),
    )


def _attempt(values: Sequence[Value]) -> Attempt:
    row = dict(zip(ATTEMPT_COLUMNS, values, strict=True))
    at = ATTEMPT_COLUMNS.index("input")
    return Attempt(
        number=_int(row["number"]),
        provider=str(row["provider"]),
        model=str(row["model"]),
        status=_int(row["status"]),
        outcome=str(row["outcome"]),
        usage=_usage(values[at : at + len(_USAGE_COLUMNS)]),
        estimated=bool(row["estimated"]),
        cost=_optional(row["cost"]),
        latency_us=_int(row["latency_us"]),
        upstream_id=str(row["upstream_id"]),
        error=str(row["error"]),
        breakpoints=_int(row["breakpoints"]),
    )


def _usage(values: Sequence[Value]) -> Usage | None:
    if values[0] is None:
        return None
    named = dict(zip(_USAGE_COLUMNS, values, strict=True))
    tier = str(named.pop("tier"))
    return Usage(**{name: _int(count) for name, count in named.items()}, tier=tier)


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"the ledger's file holds {value!r} where a number belongs")
    return value


def _optional(value: Value) -> int | None:
    return None if value is None else _int(value)
