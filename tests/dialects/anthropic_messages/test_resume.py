"""Requests for the rest of an answer in Anthropic's dialect."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from tests.support.gateway import ask


def resumed(said: str = "So", left: int | None = 7, **more: Any) -> Any:
    body = msgspec.json.encode(ask("m", stream=True, **more))
    rest = ANTHROPIC_MESSAGES.resume(body, ANTHROPIC_MESSAGES.peek(body), said, left)
    return None if rest is None else msgspec.json.decode(rest)


def test_the_rest_is_asked_for_with_what_was_said_and_what_is_left() -> None:
    rest = resumed(system="Be short.")
    assert rest == ask("m", stream=True, system="Be short.") | {
        "max_tokens": 7,
        "messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So"}],
    }


def test_where_nothing_was_said_it_is_the_same_request() -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    assert resumed("", None, thinking=thinking) == ask("m", stream=True, thinking=thinking)


def test_it_is_not_thought_about_again() -> None:
    assert resumed(thinking={"type": "adaptive"})["thinking"] == {"type": "disabled"}
    assert "thinking" not in resumed()


SCHEMAS: list[tuple[dict[str, Any], bool]] = [
    ({"output_config": {"effort": "low"}}, True),
    ({"output_config": None}, True),
    ({"output_config": {"format": None}}, True),
    ({"output_config": {"format": {"type": "json_schema"}}}, False),
    ({"output_config": 1}, False),
    ({"output_format": {"type": "json_schema"}}, False),
    ({"output_format": None}, True),
    ({"messages": [{"role": "assistant", "content": [{"type": "tool_use"}]}]}, False),
]


@pytest.mark.parametrize(("more", "can"), SCHEMAS)
def test_what_only_whole_answers_can_be(more: dict[str, Any], can: bool) -> None:
    assert (resumed(**more) is not None) is can
