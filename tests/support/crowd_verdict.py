"""What must hold at the end of a world in which many ask the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

import msgspec

from pointsman.costs import parse_usd
from pointsman.ledger import PROCESS_DIED
from pointsman.ledger.entry import Attempt, Entry
from tests.support.books import Bill
from tests.support.crowds import is_calm
from tests.support.site import Site
from tests.support.verdict import NOTICED, Said, Sent, all_given_back, is_of, prompt_of
from tests.support.visitor import Reading, Visitor
from tests.support.worlds import World

_SOON = 0.6
"""Seconds within which a call that nobody waits for is over."""
_BEGINS, _BEGINS_US = 1_000.0, round(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1e6)
"""When a world begins, by the loop and by the wall clock, which does not jump here."""


def judge_crowd(
    world: World, site: Site, visitors: list[Visitor], sent: dict[str, Sent], bill: Bill
) -> Counter[str]:
    """Raises AssertionError. What there was, by kind."""
    for life in site.lives:
        all_given_back(life)
        cache = life.gateway.cache
        assert cache is not None and cache.flights is not None
        flown = cache.flights.metrics
        assert (flown.under_way(), flown.riding()) == (0, 0)
        assert not cache.flights._flights, "a flight that nobody can end"
        assert cache.flights._held.bytes == 0, "what is held for nobody"
    assert not site.disk.twice, f"recorded twice: {site.disk.twice}"
    entries = site.disk.entries
    counted = Counter[str]()
    _books(entries, bill)
    said = Said(world, sent)
    for visitor in visitors:
        counted[_answered(world, visitor, said, entries)] += 1
    _alike(visitors, entries)
    _given_up(visitors, said, entries)
    counted.update(f"entry {entry.cache}" for entry in entries.values())
    if is_calm(world):
        _calm(visitors, entries)
    return counted


def _books(entries: dict[str, Entry], bill: Bill) -> None:
    """The entries sum to the attempts, and those to no less than is billed; each is its provider's to the
    token, where that told it."""
    paid = _groups(entries)
    for source, group in paid.items():
        attempts = [attempt for entry in group for attempt in entry.attempts]
        costs = [attempt.cost for attempt in attempts]
        assert None not in costs
        booked = [entry.cost for entry in group]
        assert None not in booked
        assert sum(c or 0 for c in booked) == sum(c or 0 for c in costs), (source, group)
        assert all(
            entry.saved in (0, (sum(c or 0 for c in costs)) - (entry.cost or 0)) for entry in group[1:]
        )
    ours: dict[str, Attempt] = {f"{e.request_id}-{a.number}": a for e in entries.values() for a in e.attempts}
    lines = {line.client_request_id: line for line in bill.calls}
    assert bill.in_flight == 0
    assert not set(lines) - set(ours), "calls that the ledger knows nothing of"
    for name, line in lines.items():
        attempt = ours[name]
        if line.usage_reported and not attempt.estimated:
            assert attempt.cost == parse_usd(line.usd), (attempt, line)


def _groups(entries: dict[str, Entry]) -> dict[str, list[Entry]]:
    """Who made a call, and behind it who shared that."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries.values():
        if entry.cache != "coalesced":
            groups[entry.request_id].insert(0, entry)
    for entry in entries.values():
        if entry.cache == "coalesced":
            made = entries[entry.source]
            assert made.cache == "miss", (entry, made)
            assert (entry.provider, entry.attempts, entry.tenant) == ("cache", (), made.tenant)
            groups[entry.source].append(entry)
    return groups


def _answered(world: World, visitor: Visitor, said: Said, entries: dict[str, Entry]) -> str:
    """One request: one answer, and an entry that says how it ended."""
    reading, entry = visitor.read(), entries.get(visitor.request_id)
    is_of(reading, said.answers(visitor), whole=reading.complete)
    if visitor.killed or (entry is not None and entry.error == PROCESS_DIED):
        return "killed"
    if visitor.left is not None:
        assert visitor.ended is not None
        assert visitor.ended <= visitor.left + NOTICED + 400 * visitor.visit.slow, (
            "a client that left is kept"
        )
        assert entry is None or entry.outcome in ("cut", "ok", "error", "broken")
        return "left"
    assert visitor.complete, "an answer without an end"
    assert reading.error is None or "Internal error" not in reading.error["message"], reading.error
    assert reading.complete != (reading.error is not None), "either its end or an error"
    if entry is None:
        assert world.kills or visitor.status in (503, 429), visitor.status
        return "forgotten"
    if reading.error is not None and entry.outcome == "ok":  # broken behind its own end, in other words
        assert "what is no chunk" in reading.error["message"] or "not valid JSON" in reading.error["message"]
        return "unreadable"
    if visitor.status != 200:
        assert (entry.status, entry.outcome) == (visitor.status, "error"), entry
        return f"refused {visitor.status}"
    if reading.complete:
        assert entry.outcome == "ok", (entry, reading)
        return "whole"
    assert entry.outcome in ("broken", "error"), (entry, reading)
    return "broken"


def _alike(visitors: list[Visitor], entries: dict[str, Entry]) -> None:
    """All who have all of a call's answer have the same."""
    heard: dict[str, list[Reading]] = defaultdict(list)
    for visitor in visitors:
        entry = entries.get(visitor.request_id)
        if entry is not None and visitor.status == 200:
            heard[entry.source or entry.request_id].append(visitor.read())
    for readings in heard.values():
        whole = [reading for reading in readings if reading.complete]
        texts = {(one.text, tuple(map(_meaning, one.tools.values()))) for one in whole}
        assert len(texts) <= 1, texts


def _given_up(visitors: list[Visitor], said: Said, entries: dict[str, Entry]) -> None:
    """A call that nobody waits for any more is over soon."""
    crowds: dict[bytes, list[Visitor]] = defaultdict(list)
    for visitor in visitors:
        crowds[prompt_of(visitor.sent_body)].append(visitor)
    for prompt, crowd in crowds.items():
        left = [one.left + 400 * one.visit.slow for one in crowd if one.left is not None]
        for made in said.names[prompt] if len(left) == len(crowd) else ():
            entry = entries.get(made)
            # who waits to try again finds out when that is over, as with a single client
            if entry is not None and entry.attempts and entry.attempts[-1].outcome != "error":
                over = _BEGINS + (entry.at_us - _BEGINS_US + entry.latency_us) / 1e6
                assert over <= max(left) + _SOON, f"a call for nobody: {entry}"


def _meaning(arguments: str) -> str:
    try:
        meant = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
    return msgspec.json.encode(meant, order="sorted").decode()


def _calm(visitors: list[Visitor], entries: dict[str, Entry]) -> None:
    """Where nothing fails and nobody leaves: one call, and an answer for each."""
    assert all(visitor.status == 200 and visitor.read().complete for visitor in visitors)
    assert len({visitor.read().text for visitor in visitors}) == 1
    assert sum(len(entry.attempts) for entry in entries.values()) == 1
