"""Requests for the rest of an answer in OpenAI's dialect."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.dialects.openai_chat.resume import with_prefix

ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Why?"}]}
GOES_ON = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So"}]


def resumed(said: str = "So", left: int | None = 7, **more: Any) -> Any:
    body = msgspec.json.encode(ASKED | more)
    rest = OPENAI_CHAT.resume(body, OPENAI_CHAT.peek(body), said, left)
    return None if rest is None else msgspec.json.decode(rest)


CAPS: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({}, {"max_completion_tokens": 7}),
    ({"max_tokens": 50}, {"max_tokens": 7}),
    ({"max_completion_tokens": 50}, {"max_completion_tokens": 7}),
    ({"max_completion_tokens": 50, "max_tokens": 60}, {"max_completion_tokens": 7, "max_tokens": 7}),
]


@pytest.mark.parametrize(("given", "sent"), CAPS)
def test_the_cap_keeps_its_name(given: dict[str, Any], sent: dict[str, int]) -> None:
    assert resumed(**given) == ASKED | {"messages": GOES_ON} | sent


def test_where_nothing_was_said_it_is_the_same_request() -> None:
    assert resumed("", None, reasoning_effort="high") == ASKED | {"reasoning_effort": "high"}


def test_it_is_not_thought_about_again() -> None:
    assert resumed(reasoning_effort="high")["reasoning_effort"] == "none"
    assert resumed(reasoning_effort=None)["reasoning_effort"] is None


UNSOUND: list[tuple[dict[str, Any], bool]] = [
    ({"n": 1, "logprobs": False, "response_format": {"type": "text"}, "audio": None}, True),
    ({"n": None, "response_format": None}, True),
    ({"n": 2}, False),
    ({"logprobs": True}, False),
    ({"audio": {"voice": "x"}}, False),
    ({"response_format": {"type": "json_object"}}, False),
    ({"response_format": "text"}, False),
    ({"messages": [{"role": "assistant", "content": None}]}, False),
]


@pytest.mark.parametrize(("more", "can"), UNSOUND)
def test_what_only_whole_answers_can_be(more: dict[str, Any], can: bool) -> None:
    assert (resumed(**more) is not None) is can


def test_deepseek_is_told_that_it_is_a_beginning() -> None:
    body = msgspec.json.encode(ASKED | {"messages": GOES_ON, "reasoning_effort": "none"})
    assert msgspec.json.decode(with_prefix(body)) == ASKED | {
        "messages": [GOES_ON[0], GOES_ON[1] | {"prefix": True}],
        "thinking": {"type": "disabled"},
    }
