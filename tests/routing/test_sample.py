from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from pointsman.routing.sample import Sample, read_body, sample_of

USER = {"role": "user", "content": "Hi"}
BLOCKS = [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "x"}}]
RESULT = [
    {"type": "tool_result", "content": [{"type": "text", "text": "42"}, {"type": "image", "source": {}}]}
]


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "auto", "messages": [USER]} | fields).encode()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (body(), Sample("Hi")),
        (body(system="Be brief."), Sample("Hi", system="Be brief.")),
        (body(system=[{"type": "text", "text": "Be"}, {"type": "text", "text": "brief."}]),
         Sample("Hi", system="Be\nbrief.")),
        (body(messages=[{"role": "developer", "content": "Brief!"}, USER]), Sample("Hi", system="Brief!")),
        (body(messages=[USER, {"role": "assistant", "content": "Yes?"}, {"role": "user", "content": "Go"}]),
         Sample("Go", history="Hi\nYes?", turns=3)),
        (body(messages=[USER, {"role": "assistant", "content": None}]), Sample("Hi", turns=2)),
        (body(messages=[]), Sample("", turns=0)),
        (body(messages=[{"role": "user", "content": BLOCKS}]), Sample("See\n", images=1)),
        (body(messages=[{"role": "user", "content": RESULT}]), Sample("", turns=0, images=1)),
        (body(tools=[{"name": "a"}, {"name": "b"}]), Sample("Hi", tools=2)),
        (body(response_format={"type": "json_schema"}), Sample("Hi", structured=True)),
        (body(response_format={"type": "text"}), Sample("Hi")),
        (body(output_format={"type": "json_schema"}), Sample("Hi", structured=True)),
        (body(output_config={"format": {}}), Sample("Hi", structured=True)),
        (body(response_format=None, output_format=None, system=None, tools=None), Sample("Hi")),
        (body(output_config={"effort": "low"}), Sample("Hi")),
    ],
)  # fmt: skip
def test_what_is_read_of_a_body(sent: bytes, read: Sample) -> None:
    assert read_body(sent) == read


@pytest.mark.parametrize("sent", [b"", b"{}", b"[]", b'{"messages": "x"}', b'{"messages": [{"role": 1}]}'])
def test_a_body_that_is_none_of_these_is_not_read(sent: bytes) -> None:
    assert read_body(sent) is None


def test_a_label_reads_as_the_request_that_it_is_of() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        USER,
        {"role": "assistant", "content": "Yes?"},
        USER,
    ]
    read = read_body(body(messages=messages), route="r", tenant="t")
    assert sample_of("Hi") == read_body(body())
    assert read is not None
    assert read == sample_of(messages, route="r", tenant="t")
    assert read.chars == len("Hi") + len("Be brief.") + len("Hi\nYes?")


def test_messages_that_are_none_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        sample_of([{"content": "Hi"}])


def test_what_tools_gave_is_read_alike_in_both_dialects() -> None:
    asked = {"role": "user", "content": "Solve the integral"}
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    gave = {"role": "tool", "tool_call_id": "1", "content": "42"}
    use = {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "solve", "input": {}}]}
    result = {"type": "tool_result", "tool_use_id": "1", "content": "42"}
    thanks = {"type": "text", "text": "And now?"}
    one = read_body(body(messages=[asked, called, gave]))
    assert one == read_body(body(messages=[asked, use, {"role": "user", "content": [result]}]))
    assert one == Sample("Solve the integral", turns=2)
    two = read_body(body(messages=[asked, called, gave, {"role": "user", "content": "And now?"}]))
    assert two == read_body(body(messages=[asked, use, {"role": "user", "content": [result, thanks]}]))
    assert two == Sample("And now?", history="Solve the integral\n\n42", turns=3)
