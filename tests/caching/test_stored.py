from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.replay import events_of, response_of
from pointsman.caching.stored import Stored, pack, unpack
from pointsman.chat import Response, Stop, Text, Usage
from tests.support.answers import ANSWERS

ANSWER = Response("i", "m", (Text("Gate 2. " * 400),), Stop.END, Usage(3, 4))


def stored(answer: Response, *, stream: bool) -> Stored:
    said = tuple(events_of(answer)) if stream else answer
    return Stored(said, "m", "openai", 7_000_000, cost=12, request_id="r", tags=("a", "b"))


@given(ANSWERS, st.booleans())
def test_what_is_kept_comes_back_as_it_was(answer: Response, stream: bool) -> None:
    kept = stored(answer, stream=stream)
    back = unpack(pack(kept))
    assert back == kept
    assert back.response == answer
    assert back.events == tuple(events_of(answer))
    assert response_of(back.events) == answer
    assert back.usage == answer.usage


@pytest.mark.parametrize("spoil", [b"", b"\x09rest", b"\x01", b"\x02other", b"\x01\xc1"])
def test_bytes_that_are_none_of_ours_are_nothing(spoil: bytes) -> None:
    assert unpack(spoil) is None


@given(st.integers(0, 200))
def test_half_an_answer_is_nothing(left: int) -> None:
    packed = pack(stored(ANSWER, stream=False))
    assert unpack(packed[: min(left, len(packed) - 1)]) is None


@pytest.mark.parametrize(("now_us", "age"), [(7_000_000, 0), (8_999_999, 1), (9_000_000, 2), (0, 0)])
def test_its_age_in_whole_seconds(now_us: int, age: int) -> None:
    assert stored(ANSWER, stream=False).age(now_us) == age
