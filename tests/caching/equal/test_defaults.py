from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.equal.defaults import told_defaults, without_defaults
from pointsman.chat import Image, Message, Request, Source, Text, Tool, ToolChoice, ToolResult
from tests.support.two_dialects import requests

OPENAIS = (("temperature", 1), ("top_p", 1), ("verbosity", "medium"))


@pytest.mark.parametrize(
    ("providers", "filled", "told"),
    [
        (["openai"], {}, OPENAIS),
        (["openai", "openai"], {}, OPENAIS),
        (["openai", "deepseek"], {}, OPENAIS[:2]),
        (["deepseek", "openai"], {}, OPENAIS[:2]),
        (["openai", "anthropic"], {}, OPENAIS[:1]),
        (["openai", "gemini"], {}, ()),
        (["my-own"], {}, ()),
        ([], {}, ()),
        (["openai"], {"temperature": 0.2, "max_output": 9}, OPENAIS[1:]),
    ],
)
def test_what_all_who_may_answer_say_of_it(providers: list[str], filled: dict[str, Any], told: Any) -> None:
    assert told_defaults(providers, filled) == told


@settings(max_examples=15)
@given(requests(), st.sampled_from([(), OPENAIS]))
def test_there_is_nothing_left_to_leave_out(request: Request, told: Any) -> None:
    once = without_defaults(request, told)
    assert without_defaults(once, told) == once


@settings(max_examples=15)
@given(requests(), st.sampled_from([0, 0.5, 2, None]), st.sampled_from([None, 0.5, 0]))
def test_no_other_value_is_left_out(request: Request, temperature: float | None, top_p: float | None) -> None:
    changed = msgspec.structs.replace(
        request, temperature=temperature, top_p=top_p, unmapped={"verbosity": "low"}
    )
    left = without_defaults(changed, OPENAIS)
    assert (left.temperature, left.top_p, left.unmapped) == (temperature, top_p, {"verbosity": "low"})


def test_the_detail_of_an_image_in_a_result_is_one_too() -> None:
    def request(detail: str) -> Request:
        image = Image(Source("url", "u"), detail)
        return Request("m", (Message("user", (image, ToolResult("c", (Text("t"), image)))),))

    assert without_defaults(request("auto"), ()) == request("")
    assert without_defaults(request("high"), ()) == request("high")


@pytest.mark.parametrize(
    ("tools", "mode", "left"),
    [
        (True, "auto", None),
        (True, "none", ToolChoice("none")),
        (True, "required", ToolChoice("required")),
        (False, "none", None),
        (False, "auto", ToolChoice("auto")),
    ],
)
def test_the_choice_that_is_meant_depends_on_whether_there_is_one(
    tools: bool, mode: Any, left: ToolChoice | None
) -> None:
    offered = (Tool("f", {}),) if tools else ()
    request = Request("m", (), tools=offered, tool_choice=ToolChoice(mode), parallel_tools=True)
    found = without_defaults(request, ())
    assert (found.tool_choice, found.parallel_tools) == (left, None if tools else True)
