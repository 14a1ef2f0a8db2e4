from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pointsman.gateway.call.call import Call
from pointsman.gateway.prompt_cache.holders import Holders
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


def test_conversations_with_the_same_long_instructions_are_told_apart_from_the_first_word_on() -> None:
    """By what they say, be it the last word of much that is alike."""
    holders = Holders()
    many = [["go", "ok", f"{n}"] for n in range(9)]
    for number, (first, *_) in enumerate(many):
        holders.keep(a_call(f"{first} {number}"), f"{number % 2}/m", 10.0)
    found = [holders.find(a_call(f"{first} {n}", *more), 0.0) for n, (first, *more) in enumerate(many)]
    assert found == [f"{n % 2}/m" for n in range(9)]
    assert holders.find(a_call("go 9", "ok", "9"), 0.0) == ""


def test_the_same_words_behind_other_instructions_or_tools_are_another_conversation() -> None:
    def a_claude_call(**more: Any) -> Call:
        said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
        messages = said[:1] if more.pop("first", False) else [*said, said[0]]
        arrival = an_arrival({"model": "m", **more, "messages": messages})
        return Call(arrival, peek=arrival.face.peek(arrival.body))

    holders = Holders()
    holders.keep(a_claude_call(first=True, system="Be kind."), "one/m", 10.0)
    assert holders.find(a_claude_call(system="Be kind."), 0.0) == "one/m"
    assert holders.find(a_claude_call(system="Be rude."), 0.0) == ""
    assert holders.find(a_claude_call(system="Be kind.", tools=[{"name": "t"}]), 0.0) == ""


WORDS = st.text('a"{}[],:\\é \n', max_size=12)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "tool"]),
            "content": WORDS | st.lists(WORDS, max_size=2),
        },
        optional={"role_of": st.just("assistant"), "tool_calls": st.lists(WORDS, max_size=2)},
    ),
    min_size=1,
    max_size=8,
)


@given(MESSAGES, MESSAGES, st.sampled_from([None, 1]), st.booleans())
def test_a_request_is_known_by_any_that_it_goes_on_with(
    before: list[dict[str, Any]], more: list[dict[str, Any]], indent: int | None, role_last: bool
) -> None:
    """However its client writes JSON, and however much was said at once."""

    def a_raw_call(messages: list[dict[str, Any]]) -> Call:
        if role_last:
            messages = [dict(reversed(each.items())) for each in messages]
        body = json.dumps({"model": "m", "messages": messages}, indent=indent, ensure_ascii=False).encode()
        arrival = an_arrival(body)
        return Call(arrival, peek=arrival.face.peek(body))

    holders = Holders()
    holders.keep(a_raw_call(before), "one/m", 10.0)
    answered = [*before, {"role": "assistant", "content": "yes"}, *more]
    assert holders.find(a_raw_call(answered), 0.0) == "one/m"
    changed = [{**before[0], "content": "another"}, *answered[1:]]
    assert holders.find(a_raw_call(changed), 0.0) == ""
