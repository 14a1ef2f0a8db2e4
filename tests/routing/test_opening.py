from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.routing.opening import opening_in, read_opening, read_tools
from pointsman.routing.sample import read_body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [{"role": "user", "content": "a"}]}, ("", "a")),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
            ("", "a"),
        ),
        ({"system": "s", "messages": [{"role": "user", "content": "a"}]}, ("s", "a")),
        (
            {"system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
             "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
            ("s", "a"),
        ),
        (
            {"messages": [{"role": "system", "content": "s"}, {"role": "developer", "content": "t"},
                          {"role": "user", "content": "a"}]},
            ("s\nt", "a"),
        ),
        ({"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "a"}]}, ("", "a")),
        ({"messages": [{"role": "assistant", "content": "x"}]}, None),
        ({"messages": []}, None),
        ({"messages": [{"role": "user", "content": 7}]}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_conversation_begins_with_its_system_prompt_and_first_words(
    body: object, expected: tuple[str, str] | None
) -> None:
    assert read_opening(msgspec.json.encode(body)) == expected


def test_tools_are_told_as_they_stand() -> None:
    assert read_tools(b'{"tools": [ {"name":"a"} ], "messages": []}') == b'[ {"name":"a"} ]'
    assert read_tools(b'{"messages": []}') == b""
    assert read_tools(b"no json") == b""


def test_what_is_no_body_has_no_opening() -> None:
    assert read_opening(b"no json") is None
    assert read_opening(b"") is None


@pytest.mark.parametrize("system", ["", "s"])
def test_a_first_turn_tells_it_by_its_sample(system: str) -> None:
    first: dict[str, Any] = {"system": system, "messages": [{"role": "user", "content": "a"}]}
    more = [{"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    second = first | {"messages": [*first["messages"], *more]}
    told = [opening_in(body, read_body(body)) for body in map(msgspec.json.encode, (first, second))]
    assert told == [(system, "a")] * 2
    assert opening_in(msgspec.json.encode(first), None) == (system, "a")
