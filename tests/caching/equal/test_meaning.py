"""What is left out of a request, and what is told in one way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.caching.equal.meaning import meaning
from pointsman.chat import (
    CacheHint,
    Message,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)

HELLO = Message("user", (Text("Hello"),))
PLAIN = Request("m", (HELLO,))
TOOL = Tool("f", {"type": "object", "properties": {"cache": {"type": "string"}}})
RESULT = ToolResult("c", (Text("4"),))


def same(one: Request, other: Request) -> bool:
    return meaning("openai_chat", one) == meaning("openai_chat", other)


def changed(**changes: Any) -> Request:
    return msgspec.structs.replace(PLAIN, **changes)


@pytest.mark.parametrize(
    "request_",
    [
        changed(model="n"),
        changed(stream=True, stream_usage=True),
        changed(user="u", tier="flex"),
        changed(messages=(Message("user", (Text("Hello", CacheHint("1h")),)),)),
        changed(unmapped={"prompt_cache_key": "k", "metadata": {"a": "b"}}),
        changed(response_format=ResponseFormat("text")),
    ],
)
def test_what_is_left_out(request_: Request) -> None:
    assert same(PLAIN, request_)


def test_results_and_the_words_behind_them_are_one_turn() -> None:
    words = Message("user", (Text("Go on."),))
    apart = changed(messages=(HELLO, Message("user", (RESULT,)), words))
    assert same(apart, changed(messages=(HELLO, Message("user", (RESULT, *words.parts)))))
    assert not same(apart, changed(messages=(HELLO, words, Message("user", (RESULT,)))))


def test_words_of_two_turns_stay_two() -> None:
    both = Message("user", (Text("a"), Text("b")))
    assert not same(changed(messages=(HELLO, HELLO)), changed(messages=(Message("user", HELLO.parts * 2),)))
    assert not same(changed(messages=(both,)), changed(messages=(Message("user", (Text("ab"),)),)))
    named = Message("user", (Text("b"),), name="Ada")
    results = Message("user", (RESULT,))
    assert not same(
        changed(messages=(results, named)), changed(messages=(results, Message("user", named.parts)))
    )


def test_arguments_are_compared_as_json_unless_they_are_none() -> None:
    def call(text: str) -> Request:
        return changed(messages=(HELLO, Message("assistant", (ToolCall("c", "f", text, CacheHint()),))))

    assert same(call('{"b": 1, "a": 2.0}'), call('{"a":2,"b":1}'))
    assert not same(call('{"a": 1'), call('{"a":1'))


def test_an_empty_result_is_one_without_text() -> None:
    def result(*parts: Text) -> Request:
        return changed(messages=(Message("user", (ToolResult("c", parts),)),))

    assert same(result(), result(Text("")))
    assert not same(result(), result(Text(" ")))


def test_the_default_choice_of_tools_is_none_where_there_are_tools() -> None:
    auto = ToolChoice("auto")
    assert same(changed(tools=(TOOL,)), changed(tools=(TOOL,), tool_choice=auto))
    assert not same(changed(tools=(TOOL,)), changed(tools=(TOOL,), tool_choice=ToolChoice("none")))
    assert not same(PLAIN, changed(tool_choice=auto))


def test_a_schema_keeps_a_property_that_is_called_like_a_field_of_ours() -> None:
    hinted = msgspec.structs.replace(TOOL, cache=CacheHint())
    other = Tool("f", {"type": "object", "properties": {"cash": {"type": "string"}}})
    assert same(changed(tools=(TOOL,)), changed(tools=(hinted,)))
    assert not same(changed(tools=(TOOL,)), changed(tools=(other,)))


def test_a_schema_that_was_given_no_name_is_like_one_with_the_name_we_give() -> None:
    def schema(name: str) -> Request:
        return changed(response_format=ResponseFormat("json_schema", name, {"type": "object"}))

    assert same(schema(""), schema("answer"))
    assert not same(schema("answer"), schema("answers"))


def test_unknown_fields_stand_under_the_name_of_their_dialect() -> None:
    seeded = changed(unmapped={"seed": 1})
    assert meaning("openai_chat", seeded) != meaning("anthropic_messages", seeded)
    assert meaning("unheard_of", PLAIN) == meaning("openai_chat", PLAIN)
