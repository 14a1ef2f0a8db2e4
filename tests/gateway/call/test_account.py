"""From what happened to the entry: costs, bounds of what was not seen, sums."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.dialects.base import Delivered
from pointsman.errors import (
    ContextWindowExceeded,
    InvalidRequest,
    PointsmanError,
    StreamBroken,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from pointsman.gateway.call.account import (
    GENERATED_AT_ONCE,
    AttemptRecord,
    cost_of,
    cut_usage,
    make_entry,
    may_be_billed,
    unseen_stream,
    unseen_whole,
)
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route
from tests.support.models import M, a_model

AT_US = 1_795_000_000_000_000

BILLED: list[tuple[PointsmanError, int, bool]] = [
    (UpstreamUnavailable("503"), 503, False),
    (ContextWindowExceeded("too long, says the provider"), 400, False),
    (InvalidRequest("a header that cannot be sent"), 0, False),
    (UpstreamUnreachable("refused", sent=False), 0, False),
    (UpstreamTimeout("connect", sent=False), 0, False),
    (UpstreamUnreachable("reset", sent=True), 0, True),
    (UpstreamTimeout("first byte", sent=True), 0, True),
    (UpstreamUnreachable("reset in an error's body", sent=True), 500, False),
    (UpstreamMalformed("garbage"), 200, True),
    (StreamBroken("empty"), 200, True),
]


@pytest.mark.parametrize(("error", "status", "billed"), BILLED)
def test_what_a_provider_may_charge_for(error: PointsmanError, status: int, billed: bool) -> None:
    assert may_be_billed(error, status) is billed


@pytest.mark.parametrize(("usage", "cost"), [(Usage(input=7), 7 * M), (Usage(), 0), (None, None)])
def test_a_record_is_closed_with_what_it_used(usage: Usage | None, cost: int | None) -> None:
    record = AttemptRecord(1, a_route(), 10.0, b"{}")
    record.settle("error", usage, AT_US, 10.5, estimated=True)
    attempt = record.freeze()
    assert (attempt.outcome, attempt.usage, attempt.estimated) == ("error", usage, True)
    assert (attempt.cost, attempt.latency_us) == (cost, 500_000)


def test_what_is_not_known_has_no_cost() -> None:
    unpriced = a_route(a_model(prices=()))
    assert cost_of(a_route(), None, AT_US) is None
    assert cost_of(unpriced, Usage(input=1), AT_US) is None
    assert cost_of(a_route(), Usage(input=1), 0) is None, "before its first price list"
    assert cost_of(unpriced, Usage(), AT_US) == 0, "no tokens cost nothing anywhere"
    assert cost_of(a_route(), Usage(input=2, output=3), AT_US) == 2 * M + 3 * 4 * M


def test_a_record_shows_what_was_sent_to_whom() -> None:
    record = AttemptRecord(3, a_route(name="big"), 1.0, b"{}")
    record.status, record.upstream_id = 200, "up_1"
    record.settle("ok", Usage(input=1), AT_US, 1.25)
    attempt = record.freeze()
    assert (attempt.number, attempt.provider, attempt.model, attempt.upstream_id) == (
        3,
        "acme",
        "big",
        "up_1",
    )
    assert (attempt.status, attempt.outcome, attempt.latency_us) == (200, "ok", 250_000)


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_the_bound_of_what_was_not_seen_grows_with_time(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert GENERATED_AT_ONCE <= unseen_whole(low) <= unseen_whole(high)


@given(st.integers(0, 10**6), st.floats(0, 1e4), st.booleans())
def test_a_stream_never_hides_less_than_a_moment_of_its_own_pace(
    delivered: int, seconds: float, lost: bool
) -> None:
    unseen = unseen_stream(delivered, seconds, lost=lost)
    assert unseen > 0
    if delivered and seconds >= 0.001:
        assert unseen >= delivered / seconds


def test_a_lost_connection_may_hide_more_than_one_that_we_closed() -> None:
    assert unseen_stream(0, 1.0, lost=True) > unseen_stream(0, 1.0, lost=False)


_tokens = st.integers(0, 10**6)
_usage = st.builds(Usage, input=_tokens, output=_tokens, cache_read=_tokens, cache_write_1h=_tokens)


@given(_tokens, st.none() | st.builds(Delivered, output_tokens=_tokens, usage=st.none() | _usage), _tokens)
def test_a_cut_call_is_never_booked_below_what_is_known(
    prompt: int, delivered: Delivered | None, in_flight: int
) -> None:
    usage = cut_usage(prompt, delivered, in_flight)
    seen = 0 if delivered is None else delivered.output_tokens
    assert usage.output >= seen + in_flight
    known = None if delivered is None else delivered.usage
    if known is None:
        assert usage.prompt == prompt
    else:
        assert usage.prompt == known.prompt, "the provider's own count, cached tokens apart"
        assert (usage.cache_read, usage.cache_write_1h) == (known.cache_read, known.cache_write_1h)
        assert usage.output >= known.output


def _settled(**fields: Any) -> AttemptRecord:
    given: dict[str, Any] = {
        "usage": Usage(input=10, output=1),
        "estimated": False,
        "route": a_route(),
    } | fields
    record = AttemptRecord(1, given["route"], 0.0, b"{}")
    record.settle("ok", given["usage"], AT_US, 0.0, estimated=given["estimated"])
    return record


def test_attempts_add_up() -> None:

    def entry_of(*records: AttemptRecord) -> Any:
        return make_entry(
            an_arrival(),
            requested="m",
            stream=False,
            attempts=tuple(record.freeze() for record in records),
            route=records[-1].route if records else None,
            status=200,
            outcome="ok",
            error="",
            ttft=1000.25,
            now=1000.5,
        )

    one = entry_of(_settled())
    assert (one.usage, one.cost, one.estimated) == (Usage(input=10, output=1), 14 * M, False)
    assert (one.ttft_us, one.latency_us) == (250_000, 500_000)
    two = entry_of(_settled(estimated=True), _settled())
    assert (two.usage, two.cost, two.estimated) == (Usage(input=20, output=2), 28 * M, True)
    unknown = entry_of(_settled(usage=None), _settled())
    assert (unknown.usage, unknown.cost) == (Usage(input=10, output=1), None)
    none = entry_of()
    assert (none.usage, none.cost, none.model, none.provider) == (Usage(), 0, "", "")
