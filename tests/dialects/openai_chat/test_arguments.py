from __future__ import annotations

from typing import Any

import pytest

from pointsman.dialects.openai_chat.arguments import argument_text, mint_call_id, wire_call_id


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (None, "{}"),
        ("", "{}"),
        (" \n", "{}"),
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": ', '{"a": '),
        ({"a": [1]}, '{"a":[1]}'),
        ({}, "{}"),
    ],
)
def test_arguments_are_text(arguments: str | dict[str, Any] | None, text: str) -> None:
    assert argument_text(arguments) == text


def test_minted_ids_differ_by_answer_position_and_name() -> None:
    ids = {mint_call_id(answer, at, name) for answer in ("a", "b") for at in (0, 1) for name in ("f", "g")}
    assert len(ids) == 8
    assert all(call_id.startswith("call_") and len(call_id) <= 40 for call_id in ids)


def test_only_ids_that_openai_refuses_are_replaced() -> None:
    assert wire_call_id("c" * 40) == "c" * 40
    assert wire_call_id("c" * 41) == wire_call_id("c" * 41) != wire_call_id("c" * 42)
    assert len(wire_call_id("c" * 41)) <= 40
