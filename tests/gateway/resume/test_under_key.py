"""Who may follow what is under one key, and what is kept of it."""

from __future__ import annotations

import pytest

from pointsman.caching.idempotency.idempotency import Asked, Kept
from pointsman.errors import AnswerUnderWay, Conflict, InvalidRequest
from pointsman.gateway.edge.at_once import HANG_UP
from pointsman.gateway.resume.event_ids import EventId
from pointsman.gateway.resume.following import Following
from pointsman.gateway.resume.held import Held
from pointsman.gateway.resume.lingering import Lingering
from pointsman.gateway.resume.under_key import UnderKey
from pointsman.http1 import Leave

ASKED = Asked(b"ident", b"print", "req_2", 7)
OTHER = Asked(b"ident", b"another", "req_3", 8)
EVENTS = b"id: req_2:1\ndata: a\n\nid: req_2:2\ndata: b\n\n"


def under_key(most: int = 1_000) -> UnderKey:
    made = UnderKey(ASKED, Following(most, Held(10_000), lambda: made.deserted()), Lingering(0.0))
    return made


def kept(body: bytes | None = EVENTS) -> Kept:
    return Kept(b"print", "req_1", 3, 200, ((b"a", b"b"),), body, True)


def test_what_was_kept_is_the_first_requests() -> None:
    made = under_key()
    made.replay(kept())
    assert (made.known, made.kept, made.claimed, under_key().known) == (True, True, False, False)
    assert (made.asked.request_id, made.following.held()) == ("req_1", EVENTS)


def test_what_is_to_be_kept_is_whole_and_says_nothing_of_the_connection() -> None:
    made = under_key()
    made.claim()
    made.following.begin(200, [(b"a", b"b"), HANG_UP], streamed=True)
    made.following.put(EVENTS)
    assert made.answer() == Kept(b"print", "req_2", 7, 200, ((b"a", b"b"),), EVENTS, True)
    too_large = under_key(most=3)
    too_large.following.begin(200, [], streamed=True)
    too_large.following.put(EVENTS)
    assert too_large.answer().body is None


@pytest.mark.parametrize(
    ("claimed", "error", "code"),
    [(True, Conflict, "idempotency_key_reused"), (False, AnswerUnderWay, "idempotency_in_progress")],
)
def test_another_body_is_refused(claimed: bool, error: type[Conflict], code: str) -> None:
    made = under_key()
    made.claimed = claimed
    seat = made.following.sit(Leave())
    made.check(ASKED, seat)
    with pytest.raises(error) as raised:
        made.check(OTHER, seat)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (EventId("req_2", 1), None),
        (EventId("req_2", 9), "invalid_last_event_id"),
        (EventId("req_1", 1), "event_id_of_another_stream"),
    ],
)
def test_where_it_goes_on(last: EventId, code: str | None) -> None:
    made = under_key()
    made.following.begin(200, [], streamed=True)
    made.following.put(EVENTS)
    seat = made.following.sit(Leave())
    if code is None:
        made.go_behind(last, seat)
        assert seat.skips == len(b"id: req_2:1\ndata: a\n\n")
        return
    with pytest.raises((Conflict, InvalidRequest)) as raised:
        made.go_behind(last, seat)
    assert raised.value.code == code


@pytest.mark.parametrize(("most", "outgrown"), [(3, True), (1_000, False)])
def test_only_what_is_too_large_by_itself_has_outgrown(most: int, outgrown: bool) -> None:
    made = under_key(most)
    made.following.begin(200, [], streamed=True)
    made.following.put(EVENTS)
    made.following.outgrow()
    assert (made.outgrown, made.lingering.leave.gone) == (outgrown, True)
