from __future__ import annotations

import pytest

from pointsman.chat import Part, Refusal, Response, Stop, Text, Thinking, ToolCall
from pointsman.routing.cascade import reply_of
from pointsman.routing.cascade.reply import calls_key


def response(*parts: Part, stop: Stop = Stop.END) -> Response:
    return Response("id", "m", parts, stop)


def test_a_reply_holds_what_is_said_and_called_and_not_what_was_thought() -> None:
    call = ToolCall("c", "f", "{}")
    reply = reply_of(response(Thinking("hm"), Text("a"), Text("b"), call, stop=Stop.TOOL_CALLS), "small")
    assert (reply.model, reply.text, reply.calls, reply.ended) == ("small", "ab", (call,), True)


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (response(Text("a")), True),
        (response(Text("a"), stop=Stop.STOP_SEQUENCE), True),
        (response(Text("a"), stop=Stop.LENGTH), False),
        (response(Text("a"), stop=Stop.REFUSAL), False),
        (response(Text("a"), stop=Stop.PAUSE), False),
        (response(Refusal("no")), False),
    ],
)
def test_what_was_cut_or_refused_has_not_come_to_its_end(answer: Response, ended: bool) -> None:
    assert reply_of(answer, "m").ended is ended


def test_calls_are_the_same_whatever_their_ids_and_the_order_of_arguments() -> None:
    one = calls_key((ToolCall("1", "f", '{"a":1,"b":[2]}'),))
    assert one == calls_key((ToolCall("2", "f", '{ "b": [2], "a": 1 }'),))
    assert one != calls_key((ToolCall("1", "g", '{"a":1,"b":[2]}'),))
    assert one != calls_key((ToolCall("1", "f", '{"a":1,"b":[3]}'),))
    assert calls_key((ToolCall("1", "f", ""),)) == calls_key((ToolCall("1", "f", "{}"),))
    assert calls_key((ToolCall("1", "f", "{"),)) is None
