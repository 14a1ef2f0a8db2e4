"""Usage reports: what can be asked, and how entries are summed up without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

import msgspec

from pointsman.costs import PicoUsd

from .entry import FAILED, PART, Entry, UsageRow, is_hit

Grouping = Literal["model", "key", "day", "tenant", "provider", "outcome", "key_id"]
"""key: by its name, so that a key and the one that replaced it stand together. day: of UTC."""
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)

FOREVER_US = 2**62


class UsageQuery(msgspec.Struct, frozen=True):
    """Which requests to sum up: those that came from ``since_us`` to before ``until_us`` and fit the rest."""

    since_us: int = 0
    until_us: int = FOREVER_US
    by: tuple[Grouping, ...] = ("model",)
    """Empty: one row for all."""
    key: str | None = None
    """Name or id."""
    tenant: str | None = None
    model: str | None = None
    provider: str | None = None

    def takes(self, entry: Entry) -> bool:
        return (
            self.since_us <= entry.at_us < self.until_us
            and self.key in (None, entry.key_name, entry.key_id)
            and self.tenant in (None, entry.tenant)
            and self.model in (None, entry.model)
            and self.provider in (None, entry.provider)
        )


def group_of(entry: Entry, by: Sequence[Grouping]) -> dict[str, str]:
    """The entry's values of these columns."""
    values = {
        "model": entry.model,
        "key": entry.key_name,
        "day": day_of(entry.at_us),
        "tenant": entry.tenant,
        "provider": entry.provider,
        "outcome": entry.outcome,
        "key_id": entry.key_id,
    }
    return {name: values[name] for name in by}


def day_of(at_us: int) -> str:
    """The day of UTC, as "2026-11-23"."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).date().isoformat()


def row_of(entry: Entry, group: dict[str, str]) -> UsageRow:
    """One entry as a row of a report."""
    usage, asked = entry.usage, entry.cache != PART
    return UsageRow(
        group=group,
        requests=int(asked),
        errors=asked and entry.outcome in FAILED,
        attempts=len(entry.attempts),
        input=0 if usage is None else usage.prompt,
        cached=0 if usage is None else usage.cache_read,
        output=0 if usage is None else usage.output,
        cost=0 if entry.cost is None else entry.cost,
        unpriced=entry.cost is None,
        estimated=entry.estimated,
        hits=is_hit(entry),
    )


def row_from_sums(by: Sequence[Grouping], values: Sequence[str | int]) -> UsageRow:
    """One row of the statement that ``queries.usage_sql`` makes."""
    group: dict[str, str] = dict(zip(by, (str(value) for value in values), strict=False))
    requests, errors, hits, attempts, tokens_in, cached, output, micro, rest, unpriced, estimated = (
        int(value) for value in values[len(by) :]
    )
    cost: PicoUsd = micro * 1_000_000 + rest
    return UsageRow(
        group, requests, errors, attempts, tokens_in, cached, output, cost, unpriced, estimated, hits
    )


def add(one: UsageRow, other: UsageRow) -> UsageRow:
    """Both together, with the group of the first."""
    return UsageRow(
        group=one.group,
        requests=one.requests + other.requests,
        errors=one.errors + other.errors,
        attempts=one.attempts + other.attempts,
        input=one.input + other.input,
        cached=one.cached + other.cached,
        output=one.output + other.output,
        cost=one.cost + other.cost,
        unpriced=one.unpriced + other.unpriced,
        estimated=one.estimated + other.estimated,
        hits=one.hits + other.hits,
    )


def total(rows: Iterable[UsageRow]) -> UsageRow:
    """The sum of all rows; its group is empty."""
    sum_ = UsageRow({}, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    for row in rows:
        sum_ = add(sum_, row)
    return sum_


def summarise(rows: Iterable[UsageRow], by: Sequence[Grouping]) -> list[UsageRow]:
    """One row per group, in the order of a report."""
    groups: dict[tuple[str, ...], UsageRow] = {}
    for row in rows:
        key = tuple(row.group.values())
        known = groups.get(key)
        groups[key] = row if known is None else add(known, row)
    return in_order(groups.values(), by)


def in_order(rows: Iterable[UsageRow], by: Sequence[Grouping]) -> list[UsageRow]:
    """By day where that comes first, otherwise the dearest first."""
    if by and by[0] == "day":
        return sorted(rows, key=lambda row: (row.group["day"], -row.cost, tuple(row.group.values())))
    return sorted(rows, key=lambda row: (-row.cost, -row.requests, tuple(row.group.values())))
