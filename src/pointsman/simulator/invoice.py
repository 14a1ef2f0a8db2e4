"""The simulator's own bill: what a provider would charge for each call that reached it."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import msgspec

from .billing import BUCKETS, format_exact

OUTCOMES = ("ok", "rejected", "failed", "cut", "reset", "stalled", "malformed")
"""rejected: a 4xx. failed: a 5xx. cut: the client left. stalled: it left a stalled answer. Others: faults."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """One line of the invoice. Token counts are what is billed."""

    number: int
    """From 1, in the order in which the calls ended."""
    at_us: int
    """When the call came: microseconds of Unix time."""
    provider: str
    model: str
    """As the client named it."""
    status: int
    """HTTP status; 0 where the connection ended before there was one."""
    outcome: str
    stream: bool
    client_request_id: str
    """The request's ``x-client-request-id`` header."""
    request_id: str
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_30m: int
    cache_write_1h: int
    cache_write_12h: int
    reasoning: int
    usd: str | None
    """Exact. None: no price is known."""
    usage_reported: bool
    """The client was sent these numbers."""
    delivered: int
    """Tokens of the answer that were written while the connection was open, as far as this side knows."""


class Invoice:
    """Collects calls, and adds them up."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def clear(self) -> None:
        self._calls = []

    def report(self, *, in_flight: int, summary: bool) -> dict[str, Any]:
        """What ``GET /invoice`` answers; ``summary`` gives totals by model in place of the calls."""
        priced = [Decimal(call.usd) for call in self._calls if call.usd is not None]
        with localcontext(prec=60):
            total = sum(priced, Decimal(0))
        head: dict[str, Any] = {
            "total_usd": format_exact(total),
            "rejected_429": sum(call.status == 429 for call in self._calls),
            "unpriced": len(self._calls) - len(priced),
            "in_flight": in_flight,
        }
        if summary:
            return head | {"count": len(self._calls), "models": _by_model(self._calls)}
        return {"calls": self._calls, **head}


def _by_model(calls: list[Call]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.provider, call.model), []).append(call)
    rows: list[dict[str, Any]] = []
    for (provider, model), group in sorted(groups.items()):
        row: dict[str, Any] = {"provider": provider, "model": model, "calls": len(group)}
        outcomes = [call.outcome for call in group]
        row["outcomes"] = {name: outcomes.count(name) for name in OUTCOMES if name in outcomes}
        row |= {name: sum(getattr(call, name) for call in group) for name in BUCKETS}
        with localcontext(prec=60):
            row["usd"] = format_exact(sum((Decimal(call.usd) for call in group if call.usd), Decimal(0)))
        rows.append(row)
    return rows
