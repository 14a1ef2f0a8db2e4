from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.equal.key import Asked, Partition
from pointsman.caching.semantic.asked import (
    MOST_CHARACTERS,
    Question,
    Unfit,
    may_answer_others,
    question_of,
)
from pointsman.chat import Part, Response, Stop, Text, ToolCall
from pointsman.dialects import get_dialect

ALICE = Partition("alice")


def asked(prompt: Any = "Why is it so?", partition: Partition = ALICE, **more: Any) -> Question:
    fields = {"model": "m", "messages": [{"role": "user", "content": prompt}]} | more
    body = msgspec.json.encode(fields)
    request = get_dialect("openai_chat").decode_request(body)
    return question_of(partition, Asked("openai_chat", body, "m"), request)


def test_only_the_last_words_may_differ() -> None:
    one, other = asked("Why is it so?"), asked("How is it so?")
    assert (one.text, other.text) == ("Why is it so?", "How is it so?")
    assert one.context == other.context and len(one.context) == 32


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.5},
        {"max_tokens": 7},
        {"messages": [{"role": "system", "content": "Hm."}, {"role": "user", "content": "Why is it so?"}]},
        {
            "messages": [
                {"role": "user", "content": "Hello there."},
                {"role": "assistant", "content": "Hi."},
                {"role": "user", "content": "Why is it so?"},
            ]
        },
        {"partition": Partition("bob")},
        {"partition": Partition("alice", "key")},
    ],
)
def test_the_rest_is_the_context(more: dict[str, Any]) -> None:
    assert asked(**more).context != asked().context


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.text(min_size=12, max_size=30))
def test_tenants_never_share(one: str, other: str, words: str) -> None:
    if one != other:
        prompt = f"why {words} and so"
        assert asked(prompt, Partition(one)).context != asked(prompt, Partition(other)).context


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"prompt": "Go on"}, "short"),
        ({"prompt": "x " * MOST_CHARACTERS}, "long"),
        ({"prompt": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}, "not_text"),
        ({"messages": [{"role": "assistant", "content": "Hi."}]}, "no_question"),
        (
            {
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {
                        "role": "assistant",
                        "tool_calls": [
                            {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                        ],
                    },
                    {"role": "tool", "tool_call_id": "t", "content": "It is raining in the north."},
                ]
            },
            "not_text",
        ),
    ],
)
def test_what_nothing_is_looked_up_for(more: dict[str, Any], why: str) -> None:
    with pytest.raises(Unfit, match=why):
        asked(**more)


@pytest.mark.parametrize(
    ("parts", "may"),
    [((Text("Yes."),), True), ((), False), ((Text("Wait."), ToolCall("t", "f", "{}")), False)],
)
def test_answers_that_call_tools_are_not_given_to_others(parts: tuple[Part, ...], may: bool) -> None:
    assert may_answer_others(Response("i", "m", parts, Stop.END)) is may
