from __future__ import annotations

import msgspec
import pytest

from pointsman.routing.opening import read_opening


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
            ("\ns\nt", "a"),
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


def test_what_is_no_body_has_no_opening() -> None:
    assert read_opening(b"no json") is None
    assert read_opening(b"") is None
