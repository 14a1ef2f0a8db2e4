"""The ledger against the provider's invoice, attempt by attempt."""

from __future__ import annotations

from collections import Counter

import msgspec

from pointsman.costs import parse_usd
from pointsman.ledger.entry import Attempt, Entry

TOKENS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_30m", "cache_write_1h")


class Line(msgspec.Struct, frozen=True):
    """One line of the provider's invoice."""

    client_request_id: str
    outcome: str
    stream: bool
    usage_reported: bool
    usd: str
    delivered: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_30m: int
    cache_write_1h: int

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_30m + self.cache_write_1h


class Bill(msgspec.Struct, frozen=True):
    calls: list[Line]
    in_flight: int


def compare(entry: Entry, attempt: Attempt, line: Line, most: int, *, tight: bool = True) -> str:
    """Hold one attempt of ours against the provider's line for it; which kind of case it was.

    Args:
        most: tokens of output that the client allowed.
        tight: our count of a text is the provider's, which it is of English text.
    """
    usage, billed = attempt.usage, parse_usd(line.usd)
    assert usage is not None
    assert attempt.cost is not None
    if line.usage_reported:
        booked = tuple(getattr(usage, name) for name in TOKENS)
        assert booked == tuple(getattr(line, name) for name in TOKENS), (entry, line)
        assert attempt.cost == billed, (entry, line)
        assert not attempt.estimated
        return "exact"
    if not billed and not attempt.estimated:
        assert attempt.cost == 0, (entry, line)
        return "free"
    assert attempt.estimated, (entry, line)
    assert attempt.cost >= billed, (entry, line)
    assert usage.prompt >= line.prompt, (entry, line)
    assert line.output <= usage.output <= max(most, line.output), (entry, line)
    if tight and line.stream and attempt.outcome == "cut" and line.outcome in ("cut", "stalled"):
        # The provider was told at once that its client had gone (half of the connection was closed), and what
        # it had written by then was still read: nothing is in flight that nobody sees. So the bound is tight.
        assert usage.output == line.delivered == line.output, (entry, line)
        return "cut, to the token"
    return "above" if attempt.cost > billed else "estimated, to the token"


def not_on(bill: Bill, entries: tuple[Entry, ...]) -> set[str]:
    """Attempts that may have cost something, and that the provider has not written down: not yet, perhaps."""
    lines = {line.client_request_id for line in bill.calls}
    ours = {f"{e.request_id}-{a.number}": a for e in entries for a in e.attempts}
    return {name for name, a in ours.items() if name not in lines and (a.cost != 0 or a.status)}


def balance(entries: tuple[Entry, ...], bill: Bill, longest: int) -> Counter[str]:
    """No call is missing on either side, and every one is right; how many there are of each kind.

    Args:
        longest: tokens of output that any client allowed at most.
    """
    lines = {line.client_request_id: line for line in bill.calls}
    assert len(lines) == len(bill.calls), "every attempt has a name of its own"
    ours = {f"{e.request_id}-{a.number}": (e, a) for e in entries for a in e.attempts}
    assert set(lines) - set(ours) == set(), "calls that we know nothing of"
    assert not_on(bill, entries) == set(), "calls that never came"
    for entry in entries:
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts), entry
    kinds = Counter(compare(*ours[name], line, longest) for name, line in lines.items())
    kinds["never sent"] = len(set(ours) - set(lines))
    return kinds
