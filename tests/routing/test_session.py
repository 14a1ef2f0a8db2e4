from __future__ import annotations

import pytest

from pointsman.chat import Usage
from pointsman.routing.session import (
    LONG_US,
    SHORT_US,
    Conversation,
    Conversations,
    Opening,
    Turn,
    after,
    opening_of,
)

AT = 10**15


def turn(model: str = "a", usage: Usage | None = None, at_us: int = AT, own: str = "a") -> Turn:
    return Turn(model, own, 4000, usage or Usage(input=100, cache_read=600, cache_write_5m=300), at_us)


def test_what_is_in_a_cache_is_read_from_the_usage() -> None:
    first = after(None, turn())
    assert first == Conversation("a", 1, 0.25, True, first.held, "a", {})
    assert (first.cached("a", AT), first.cached("a", AT + SHORT_US), first.cached("b", AT)) == (900, 0, 0)


@pytest.mark.parametrize(
    ("usage", "cached", "lasts"),
    [
        (Usage(input=1000), 0, 0),
        (Usage(input=100, cache_read=900), 900, SHORT_US),
        (Usage(cache_write_1h=500), 500, LONG_US),
        (Usage(cache_write_30m=500), 500, LONG_US),
    ],
)
def test_how_long_it_lasts(usage: Usage, cached: int, lasts: int) -> None:
    conversation = after(None, turn(usage=usage))
    assert conversation.cached("a", AT) == cached
    assert conversation.cached("a", AT + lasts - 1) == cached
    assert conversation.cached("a", AT + lasts) == 0


def test_each_model_keeps_what_it_has() -> None:
    conversation = after(after(None, turn()), turn("b", Usage(cache_write_5m=1000), AT + 1, own="b"))
    assert (conversation.model, conversation.turns) == ("b", 2)
    assert (conversation.cached("a", AT + 2), conversation.cached("b", AT + 2)) == (900, 1000)
    assert (conversation.own_choice, conversation.followed) == ("b", {("a", "b"): 1})
    cold = after(conversation, turn("b", Usage(input=1000), AT + 2))
    assert cold.cached("b", AT + 2) == 0, "its provider says that nothing was there"


def test_conversations_share_a_system_prompt() -> None:
    known = Conversations()
    one, two = (opening_of("key", "x", ("s" * 1000, first)) for first in ("a", "b"))
    assert one.digest != two.digest and one.system == two.system
    known.answered(one, turn("a", Usage(cache_write_5m=900), own="a"))
    known.answered(two, turn("b", Usage(cache_write_5m=900), own="b"))
    second = known.find(two.digest)
    assert second is not None
    assert known.cached(two, second, "b", AT) == 900
    assert known.cached(two, second, "a", AT) == 225, "a thousand bytes of four thousand for 900 tokens"
    assert known.cached(two, second, "a", AT + SHORT_US) == 0
    assert known.cached(two, second, "c", AT) == 0


def test_a_system_prompt_that_is_cold_since_another_stayed_counts_as_warm() -> None:
    known = Conversations()
    one, two = (opening_of("key", "x", ("s" * 1000, first)) for first in ("a", "b"))
    known.answered(one, turn("a", Usage(cache_write_5m=900), own="b"))
    first = known.find(one.digest)
    assert first is not None
    assert known.cached(one, first, "b", AT) == 0, "nobody but itself would have it there"
    known.answered(two, turn("a", Usage(cache_read=900), AT + 1, own="a"))
    second = known.find(two.digest)
    assert second is not None
    assert known.cached(two, second, "b", AT + 2) == 225
    assert known.cached(two, second, "b", AT + SHORT_US) == 0


def test_tools_are_part_of_what_is_shared() -> None:
    plain = opening_of("key", "x", ("s", "a"))
    tools = [opening_of("key", "x", ("s", "a"), given) for given in (b"[1]", b"[2]")]
    assert {plain.digest} == {one.digest for one in tools}
    assert len({plain.system, *(one.system for one in tools)}) == 3
    assert (plain.system_size, tools[0].system_size) == (1, 4)


def test_only_so_many_are_remembered() -> None:
    known = Conversations(remembered=2)
    openings = [Opening(bytes([n]), bytes([n]), 10) for n in range(3)]
    assert [known.answered(opening, turn()) for opening in (*openings[:2], openings[0], openings[2])] == [
        *(1, 1, 2, 1)
    ]
    assert len(known) == 2
    assert [known.find(opening.digest) is None for opening in openings] == [False, True, False]


@pytest.mark.parametrize(
    "other", [("key2", "x", ("s", "a")), ("key", "y", ("s", "a")), ("key", "x", ("t", "a")),
              ("key", "x", ("s", "b"))]
)  # fmt: skip
def test_conversations_are_told_apart(other: tuple[str, str, tuple[str, str]]) -> None:
    assert opening_of("key", "x", ("s", "a")) == opening_of("key", "x", ("s", "a"))
    assert opening_of(*other).digest != opening_of("key", "x", ("s", "a")).digest
