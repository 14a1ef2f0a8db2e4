from __future__ import annotations

from decimal import Decimal

from pointsman import Usage
from pointsman.chat import Refusal, Response, Stop, Text, Thinking, ToolCall
from pointsman.client.result import Notes, make_result, read_notes

CALL = ToolCall("call_1", "f", '{"x":1}')


def test_headers_are_read_and_may_be_missing() -> None:
    assert read_notes({}) == Notes()
    assert read_notes(
        {
            "x-request-id": "req_1",
            "x-pointsman-model": "m",
            "x-pointsman-provider": "p",
            "x-pointsman-attempts": "2",
            "x-pointsman-cost-usd": "0.0000185",
            "x-pointsman-warning": "w",
            "x-pointsman-dropped": "seed,logprobs",
        }
    ) == Notes("req_1", "m", "p", 2, Decimal("0.0000185"), False, "w", ("seed", "logprobs"))


def test_the_parts_of_an_answer() -> None:
    parts = (Thinking("Hm."), Text("By "), Text("gate 2."), CALL)
    result = make_result(Response("i", "m-1", parts, Stop.TOOL_CALLS, Usage(input=1)), Notes(model="m"))
    assert (result.text, str(result), result.thinking) == ("By gate 2.", "By gate 2.", "Hm.")
    assert (result.model, result.tool_calls, result.usage) == ("m", (CALL,), Usage(input=1))
    assert result.cost is None


def test_the_message_to_go_on_from() -> None:
    def message(*parts: Text | ToolCall | Refusal) -> dict[str, object]:
        return make_result(Response("i", "m", parts, Stop.END), Notes()).message

    called = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    assert message(Text("Hi")) == {"role": "assistant", "content": "Hi"}
    assert message(CALL) == {"role": "assistant", "content": None, "tool_calls": [called]}
    assert message(Refusal("No.")) == {"role": "assistant", "content": None, "refusal": "No."}
