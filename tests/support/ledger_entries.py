"""Entries to test the ledger with: typical ones, and hypothesis' strategies for any."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.ledger import CACHED, OUTCOMES, Attempt, Entry

HOUR_US = 3_600_000_000
NOON_US = 1_790_337_600_000_000
"""2026-09-25 12:00 UTC, in microseconds."""


def an_attempt(**changes: object) -> Attempt:
    attempt = Attempt(
        number=1,
        provider="anthropic",
        model="claude-sonnet-5-5",
        status=200,
        outcome="ok",
        usage=Usage(input=1200, output=340, cache_read=100, tier="standard"),
        estimated=False,
        cost=5_810_000_000,
        latency_us=812_345,
        upstream_id="msg_01",
    )
    return msgspec.structs.replace(attempt, **changes)


def an_entry(request_id: str = "req_1", **changes: object) -> Entry:
    """One request with one attempt that make up the same sums, unless told otherwise."""
    attempt = an_attempt()
    entry = Entry(
        request_id=request_id,
        at_us=NOON_US,
        key_id="key_1",
        key_name="team-a",
        tenant="acme",
        face="openai_chat",
        requested="sonnet",
        model="claude-sonnet-5-5",
        provider="anthropic",
        stream=False,
        status=200,
        outcome="ok",
        error="",
        usage=attempt.usage,
        estimated=False,
        cost=attempt.cost,
        ttft_us=300_123,
        latency_us=812_399,
        queued_us=7_654,
        attempts=(attempt,),
    )
    return msgspec.structs.replace(entry, **changes)


def a_retried_entry(request_id: str = "req_2", **changes: object) -> Entry:
    """Two attempts, the first of which cost nothing."""
    failed = an_attempt(status=529, outcome="error", usage=None, cost=0, upstream_id="", error="overloaded")
    second = an_attempt(number=2, provider="openai", model="gpt-6-luna")
    entry = an_entry(request_id, attempts=(failed, second), provider="openai", model="gpt-6-luna")
    return msgspec.structs.replace(entry, **changes)


COUNTS = st.integers(min_value=0, max_value=2**40)
MONEY = st.none() | st.integers(min_value=0, max_value=2**62)
NAMES = st.sampled_from(["", "a", "b", "ü ö", "c'\"--"])
USAGES = st.none() | st.builds(Usage, *[COUNTS] * 8, tier=NAMES)
TIMES = st.integers(min_value=NOON_US - 40 * HOUR_US, max_value=NOON_US + 40 * HOUR_US) | st.sampled_from(
    [NOON_US, NOON_US - 1, NOON_US + HOUR_US, NOON_US + HOUR_US - 1]
)
ATTEMPTS = st.builds(
    Attempt,
    number=st.integers(1, 9),
    provider=NAMES,
    model=NAMES,
    status=st.sampled_from([0, 200, 429, 529]),
    outcome=st.sampled_from(OUTCOMES),
    usage=USAGES,
    estimated=st.booleans(),
    cost=MONEY,
    latency_us=COUNTS,
    upstream_id=NAMES,
    error=NAMES,
    breakpoints=st.integers(0, 4),
)
ENTRIES = st.builds(
    Entry,
    request_id=st.uuids().map(str),
    at_us=TIMES,
    key_id=NAMES,
    key_name=NAMES,
    tenant=NAMES,
    face=NAMES,
    requested=NAMES,
    model=NAMES,
    provider=NAMES | st.just("cache"),
    stream=st.booleans(),
    status=st.sampled_from([200, 429, 499, 502]),
    outcome=st.sampled_from(OUTCOMES),
    error=NAMES,
    usage=USAGES,
    estimated=st.booleans(),
    cost=MONEY,
    ttft_us=st.none() | COUNTS,
    latency_us=COUNTS,
    attempts=st.lists(ATTEMPTS, max_size=3, unique_by=lambda attempt: attempt.number).map(
        lambda attempts: tuple(sorted(attempts, key=lambda attempt: attempt.number))
    ),
    cache=st.sampled_from(CACHED),
    source=NAMES,
    saved=MONEY,
)
