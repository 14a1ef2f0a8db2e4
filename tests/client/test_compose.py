from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.client.compose import Messages, compose, compose_feedback
from pointsman.errors import InvalidRequest

TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]


@pytest.mark.parametrize(
    ("messages", "system", "stream", "options", "body"),
    [
        ("Hi", None, False, {}, {"messages": [{"role": "user", "content": "Hi"}]}),
        (TURNS, None, False, {}, {"messages": TURNS}),
        (tuple(TURNS), "Short!", False, {}, {"messages": [{"role": "system", "content": "Short!"}, *TURNS]}),
        ([], None, False, {"top_p": None, "seed": 0}, {"messages": [], "seed": 0}),
        ([], None, False, {"max_tokens": 5}, {"messages": [], "max_completion_tokens": 5}),
        ([], None, True, {}, {"messages": [], "stream": True, "stream_options": {"include_usage": True}}),
    ],
)  # fmt: skip
def test_bodies(
    messages: Messages, system: str | None, stream: bool, options: dict[str, Any], body: dict[str, Any]
) -> None:
    made = compose("m", messages, system=system, stream=stream, options=options)
    assert json.loads(made) == {"model": "m"} | body


def test_the_callers_messages_are_left_as_they_are() -> None:
    mine = list(TURNS)
    compose("m", mine, system="s", stream=False, options={})
    assert mine == TURNS


@pytest.mark.parametrize(("name", "said"), [("stream", "stream\\(\\)"), ("stream_options", "usage")])
def test_what_is_not_the_callers_to_set(name: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        compose("m", "Hi", system=None, stream=False, options={name: True})


def test_what_json_cannot_say() -> None:
    loop: list[Any] = []
    loop.append(loop)
    for value in (object(), loop):
        with pytest.raises(InvalidRequest, match="JSON"):
            compose("m", "Hi", system=None, stream=False, options={"metadata": {"a": value}})


def test_feedback_says_what_was_given() -> None:
    body = compose_feedback("req_1", score=None, thumbs="up", outcome=None, comment="fine")
    assert body == b'{"request_id":"req_1","thumbs":"up","comment":"fine"}'
    assert compose_feedback("req_1", score=0, thumbs=None, outcome=None, comment=None) == (
        b'{"request_id":"req_1","score":0}'
    )
    with pytest.raises(InvalidRequest, match="cannot be written as JSON"):
        compose_feedback("req_1", score=None, thumbs=None, outcome="\ud800", comment=None)
