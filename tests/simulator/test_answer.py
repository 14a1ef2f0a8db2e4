from typing import Any

import msgspec
import pytest

from pointsman import chat
from pointsman.simulator.answer import Answer, answer, last_user_text, tool_calls, truncated
from pointsman.simulator.dice import Dice
from pointsman.tokens import split_tokens

WEATHER = chat.Tool("get_weather", {"type": "object", "properties": {"city": {"type": "string"}}})
CLOCK = chat.Tool("currentTime", {"type": "object", "properties": {}})


def _request(prompt: str = "Why do trains run late?", **more: Any) -> chat.Request:
    return chat.Request("gpt-4o", (chat.Message("user", (chat.Text(prompt),)),), **more)


def _answer(request: chat.Request, *, shown: bool = True, recorded: str | None = None) -> Answer:
    return answer(request, Dice(0, b"body"), split_tokens, shows_thinking=shown, recorded=recorded)


def test_text_is_made_of_its_tokens() -> None:
    (segment,) = _answer(_request()).segments
    assert list(segment.pieces) == split_tokens(segment.text)
    assert segment.text.endswith(".")


@pytest.mark.parametrize("most", [1, 2, 30, 5000])
def test_no_more_tokens_than_asked_for(most: int) -> None:
    whole = _answer(_request())
    made = _answer(_request(max_output=most))
    assert made.tokens == min(most, whole.tokens)
    assert made.stop == (chat.Stop.LENGTH if most < whole.tokens else chat.Stop.END)


def test_a_stop_sequence_ends_the_text_before_it() -> None:
    text = _answer(_request()).segments[0].text
    made = _answer(_request(stop=("no such thing", text[40:50])))
    assert (made.stop, made.stop_sequence) == (chat.Stop.STOP_SEQUENCE, text[40:50])
    assert made.segments[0].text == text[: text.index(text[40:50])]


def test_structured_output_fits_its_schema() -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    made = _answer(_request(response_format=chat.ResponseFormat("json_schema", "a", schema)))
    assert list(msgspec.json.decode(made.segments[0].text)) == ["answer"]
    plain = _answer(_request(response_format=chat.ResponseFormat("json_object")))
    assert isinstance(msgspec.json.decode(plain.segments[0].text), dict)


@pytest.mark.parametrize(
    ("prompt", "choice", "parallel", "called"),
    [
        ("What is the weather in Rome?", None, None, ["get_weather"]),
        ("Tell me a story", None, None, []),
        ("Tell me a story", chat.ToolChoice("required"), None, ["get_weather"]),
        ("Tell me a story", chat.ToolChoice("tool", "currentTime"), None, ["currentTime"]),
        ("What is the weather in Rome?", chat.ToolChoice("none"), None, []),
        ("Weather in Rome, and what is the time?", None, None, ["get_weather", "currentTime"]),
        ("Weather in Rome, and what is the time?", None, False, ["get_weather"]),
    ],
)
def test_tools(prompt: str, choice: chat.ToolChoice | None, parallel: bool | None, called: list[str]) -> None:
    request = _request(prompt, tools=(WEATHER, CLOCK), tool_choice=choice, parallel_tools=parallel)
    made = _answer(request)
    assert [segment.tool for segment in made.segments if segment.tool] == called
    assert made.stop == (chat.Stop.TOOL_CALLS if called else chat.Stop.END)
    for name, arguments in tool_calls(request, prompt, Dice(0, b"")):
        city = "Rome" if "Rome" in prompt else "Paris"
        assert msgspec.json.decode(arguments) == ({"city": city} if name == "get_weather" else {})


def test_a_tool_result_is_answered_with_text() -> None:
    result = chat.ToolResult("call_1", (chat.Text("18 degrees, sunny"),))
    turns = (*_request("What is the weather in Rome?").messages, chat.Message("user", (result,)))
    made = _answer(chat.Request("gpt-4o", turns, tools=(WEATHER,)))
    assert "18 degrees, sunny" in made.segments[0].text


@pytest.mark.parametrize(
    ("reasoning", "thinks"),
    [
        (None, False),
        (chat.Reasoning(), False),
        (chat.Reasoning(effort="none"), False),
        (chat.Reasoning(mode="off"), False),
        (chat.Reasoning(effort="high"), True),
        (chat.Reasoning(mode="on", budget=1024), True),
    ],
)
def test_reasoning_only_where_it_is_asked_for(reasoning: chat.Reasoning | None, thinks: bool) -> None:
    request = _request(reasoning=reasoning)
    shown, hidden = _answer(request), _answer(request, shown=False)
    assert (shown.reasoning > 0) is thinks
    assert (hidden.hidden > 0) is thinks
    assert shown.hidden == 0
    assert hidden.tokens == hidden.hidden + len(hidden.segments[0].pieces)


def test_a_recorded_answer_is_given_back_as_it_is() -> None:
    made = _answer(_request(tools=(WEATHER,)), recorded="It was the leaves.\n")
    assert made.segments[0].text == "It was the leaves.\n"


def test_truncated_counts_hidden_tokens_first() -> None:
    whole = _answer(_request(reasoning=chat.Reasoning(effort="high")), shown=False)
    assert truncated(whole, whole.hidden + 3).tokens == whole.hidden + 3
    assert truncated(whole, 2).hidden == 2
    assert truncated(whole, None) is whole


def test_last_user_text() -> None:
    turns = (
        chat.Message("user", (chat.Text("first"),)),
        chat.Message("assistant", (chat.Text("answer"),)),
        chat.Message("user", (chat.Text(" second\n"), chat.Text("third "))),
    )
    assert last_user_text(chat.Request("m", turns)) == "second\n\nthird"
    assert last_user_text(chat.Request("m", ())) == ""
