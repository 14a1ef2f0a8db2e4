from __future__ import annotations

from itertools import pairwise
from typing import Any

from pointsman.gateway.call.call import Call
from pointsman.gateway.prompt_cache.holders import LENGTHS, Holders
from pointsman.keys import KeyInfo
from tests.support.arrivals import an_arrival

SYSTEM = {"role": "system", "content": "word " * 900}


def a_call(*texts: str, tenant: str = "acme", key: str = "k", model: str = "m") -> Call:
    """A conversation: the person and the model by turns."""
    said = [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(texts)]
    given: dict[str, Any] = {"id": key, "name": key, "tenant": tenant}
    arrival = an_arrival({"model": model, "messages": [SYSTEM, *said]}, key=KeyInfo(**given))
    return Call(arrival, peek=arrival.face.peek(arrival.body))


ONE = ["what is it? " * 200, "this", "and that? " * 40]


def test_a_conversation_is_known_until_it_lapses() -> None:
    holders = Holders()
    assert holders.find(a_call(*ONE), 0.0) == ""
    holders.keep(a_call(ONE[0]), "one/m", 10.0)
    assert holders.find(a_call(*ONE), 9.0) == "one/m"
    assert holders.find(a_call(*ONE), 10.0) == ""
    holders.keep(a_call(*ONE), "two/m", 20.0)
    assert holders.find(a_call(*ONE, "more", "and more"), 9.0) == "two/m"


def test_another_one_with_the_same_instructions_is_free_to_go_elsewhere() -> None:
    holders = Holders()
    holders.keep(a_call(ONE[0]), "one/m", 10.0)
    other = ["who was it? " * 200, "he", "really?"]
    assert holders.find(a_call(other[0]), 0.0) == ""
    assert holders.find(a_call(*other), 0.0) == ""


def test_a_first_request_is_balanced_even_if_it_is_asked_again() -> None:
    holders = Holders()
    holders.keep(a_call(ONE[0]), "one/m", 10.0)
    assert holders.find(a_call(ONE[0]), 0.0) == ""


def test_others_have_conversations_of_their_own() -> None:
    holders = Holders()
    holders.keep(a_call(*ONE), "one/m", 10.0)
    assert holders.find(a_call(*ONE, key="other"), 0.0) == "one/m"
    assert holders.find(a_call(*ONE, tenant="other"), 0.0) == ""
    assert holders.find(a_call(*ONE, tenant=""), 0.0) == ""
    assert holders.find(a_call(*ONE, model="n"), 0.0) == ""


def test_it_is_bounded() -> None:
    holders = Holders(most=2)
    for text in ("a", "b", "c"):
        holders.keep(a_call(text * 4000, "x"), "one/m", 10.0)
    assert [holders.find(a_call(text * 4000, "x"), 0.0) for text in ("a", "b", "c")] == ["", "one/m", "one/m"]


def test_lengths_grow_to_the_longest_that_is_looked_at() -> None:
    assert LENGTHS[0] == 64
    assert all(one < two <= one * 1.25 for one, two in pairwise(LENGTHS))
    assert len(LENGTHS) < 40
