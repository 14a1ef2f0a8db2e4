from __future__ import annotations

from typing import Any

import pytest

from pointsman.chat import CacheHint, Message, Refusal, Text, Thinking, ToolCall, ToolResult
from pointsman.dialects.anthropic_messages.encode_messages import encode_messages, encode_system
from pointsman.dialects.base import Target
from pointsman.errors import InvalidRequest, UnsupportedByModel
from tests.support.anthropic_wire import MODEL, ask, assistant, blocks, user

TARGET = Target(MODEL)


def encoded(*messages: Message, target: Target = TARGET) -> tuple[list[dict[str, Any]], list[str]]:
    dropped: list[str] = []
    return encode_messages(ask(*messages), target, dropped), dropped


def said(text: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": text}


def test_neighbours_of_one_role_become_one_turn() -> None:
    assert encoded(user(Text("a")), user(Text("b")), assistant(Text("c")), user(Text("d"))) == (
        [
            blocks({"type": "text", "text": "a"}, {"type": "text", "text": "b"}),
            said("c", "assistant"),
            said("d"),
        ],
        [],
    )


def test_results_stand_before_the_other_content_of_their_turn() -> None:
    turns, _ = encoded(
        assistant(ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}")),
        user(Text("first"), ToolResult("a", (Text("1"),))),
        user(ToolResult("b", (Text("2"),)), Text("last")),
    )
    kinds = [block.get("tool_use_id") or block["text"] for block in turns[1]["content"]]
    assert kinds == ["a", "b", "first", "last"]


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_blank_text_is_left_out_and_so_is_a_turn_of_it(blank: str) -> None:
    assert encoded(user(Text("a"), Text(blank)), assistant(Text(blank)), user(Text("b"))) == (
        [blocks({"type": "text", "text": "a"}, {"type": "text", "text": "b"})],
        [],
    )
    with pytest.raises(InvalidRequest, match="at least one message"):
        encoded(user(Text(blank)))


def test_the_end_of_a_prefill_is_cut_and_named() -> None:
    turns, dropped = encoded(user(Text("a")), assistant(Text("The answer is \n")))
    assert turns[-1] == said("The answer is", "assistant")
    assert dropped == ["messages.trailing_whitespace"]
    assert encoded(user(Text("a")), assistant(Text("Yes")))[1] == []


def test_a_model_without_prefill_is_not_given_one() -> None:
    target = Target(MODEL, accepts_prefill=False)
    with pytest.raises(UnsupportedByModel, match="ends with an assistant message"):
        encoded(user(Text("a")), assistant(Text("b")), target=target)
    assert encoded(user(Text("a")), assistant(Text("")), target=target)[0] == [said("a")]


def test_an_instruction_in_between_is_a_users_unless_the_model_takes_it() -> None:
    turns = (user(Text("a")), Message("system", (Text("In French."),)))
    assert encoded(*turns) == (
        [
            blocks(
                {"type": "text", "text": "a"},
                {"type": "text", "text": "<system>\nIn French.\n</system>"},
            )
        ],
        ["messages.role=system"],
    )
    newest = Target(MODEL, accepts_system_turns=True)
    assert encoded(*turns, target=newest) == ([said("a"), said("In French.", "system")], [])
    # Anthropic wants it right behind a user turn.
    _, dropped = encoded(user(Text("a")), assistant(Text("b")), turns[1], target=newest)
    assert dropped == ["messages.role=system"]


def test_what_anthropic_has_no_place_for_is_named() -> None:
    turns, dropped = encoded(
        Message("user", (Text("a"),), name="Ann"),
        assistant(Thinking("unsigned"), Refusal("No.")),
        user(Text("b")),
    )
    assert turns == [said("a"), said("No.", "assistant"), said("b")]
    assert dropped == ["messages.name", "messages.thinking"]


def test_system_is_text_where_that_says_it_all() -> None:
    assert encode_system((), "", []) is None
    assert encode_system((Text(" "),), "", []) is None
    assert encode_system((Text("a"),), "", []) == "a"
    assert encode_system((), "b", []) == "b"
    assert encode_system((Text("a", CacheHint()),), "b", []) == [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "b"},
    ]
