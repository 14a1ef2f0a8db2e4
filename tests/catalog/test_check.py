from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pointsman.catalog import Capabilities, check_request, load_catalog, prompt_limit
from pointsman.errors import ContextWindowExceeded, RequestError, UnsupportedByModel
from tests.support.models import a_model

ALL_YES = Capabilities(*[True] * len(Capabilities.__struct_fields__))
ALL_NO = Capabilities(*[False] * len(Capabilities.__struct_fields__))
ABLE = a_model("able", capabilities=ALL_YES, context_window=9000, max_output=9000)
BIG: dict[str, Any] = {"capabilities": ALL_YES, "context_window": 9000, "max_output": 9000}
OTHERS = [
    a_model("a-retired", status="retired", **BIG),
    a_model("a-leaving", retires=date(2030, 1, 1), **BIG),
    a_model("a-preview", status="preview", **BIG),
    ABLE,
]

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    # what is asked, the field at fault, what the message says
    ({"has_image": True}, "messages", "m cannot read images; use able, for instance."),
    ({"has_document": True}, "messages", "m cannot read PDF documents; use able, for instance."),
    ({"has_tools": True}, "tools", "m cannot call tools; use able, for instance."),
    (
        {"forced_tool": True},
        "tool_choice",
        "m cannot be forced to call a tool; let it choose, or use able, for instance.",
    ),
    ({"has_schema": True}, "response_format", "m cannot be held to a JSON schema; use able, for instance."),
    (
        {"has_prefill": True},
        "messages",
        "m cannot continue an answer that was begun; end with a user message, or use able, for instance.",
    ),
    (
        {"has_sampling": True},
        "temperature",
        "m takes no temperature, top_p or top_k; leave them out, or use able, for instance.",
    ),
    ({"both_samplers": True}, "top_p", "m takes temperature or top_p, not both; leave one out."),
    (
        {"max_output": 4096},
        "max_tokens",
        "m answers with at most 100 tokens, not 4,096; ask for less, or use able, for instance.",
    ),
]


@pytest.mark.parametrize(("asked", "param", "message"), REFUSED)
def test_what_a_model_cannot_do_is_refused_with_one_that_can(
    asked: dict[str, Any], param: str, message: str
) -> None:
    model = a_model(capabilities=ALL_NO)
    with pytest.raises(UnsupportedByModel) as caught:
        check_request(model, **asked, alternatives=OTHERS)
    assert (caught.value.message, caught.value.param, caught.value.status) == (message, param, 400)


@pytest.mark.parametrize("asked", [asked for asked, _, _ in REFUSED])
def test_unknown_and_able_models_are_not_refused(asked: dict[str, Any]) -> None:
    check_request(a_model(max_output=None), **asked)
    check_request(ABLE, **asked)


@pytest.mark.parametrize("asked", [asked for asked, _, _ in REFUSED])
def test_without_another_model_the_message_still_reads_well(asked: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedByModel) as caught:
        check_request(a_model(capabilities=ALL_NO), **asked)
    message = caught.value.message
    assert message.startswith("m ")
    assert message.endswith(".")
    assert " or." not in message
    assert "instance" not in message


def test_the_longest_answer_itself_is_allowed() -> None:
    check_request(a_model(max_output=100), max_output=100)
    with pytest.raises(UnsupportedByModel):
        check_request(a_model(max_output=100), max_output=101)


def test_a_prompt_over_the_window() -> None:
    check_request(a_model(), prompt_tokens=1000)
    with pytest.raises(ContextWindowExceeded) as caught:
        check_request(a_model(), prompt_tokens=1001, alternatives=OTHERS)
    assert caught.value.message == (
        "The prompt has at least 1,001 tokens, and m takes at most 1,000; "
        "shorten it, or use able, for instance."
    )
    with pytest.raises(ContextWindowExceeded, match=r"shorten it\.$"):
        check_request(a_model(), prompt_tokens=10_000, alternatives=OTHERS)


def test_the_limit_is_the_smaller_of_window_and_input() -> None:
    assert prompt_limit(a_model(max_input=None)) == 1000
    assert prompt_limit(a_model(max_input=700)) == 700
    assert prompt_limit(a_model(max_input=5000)) == 1000


def test_the_same_provider_comes_first_and_then_the_cheapest() -> None:
    near = a_model("near", capabilities=ALL_YES)
    far = a_model("a-far", provider="other", capabilities=ALL_YES, prices=())
    with pytest.raises(UnsupportedByModel, match="use near"):
        check_request(a_model(capabilities=ALL_NO), has_image=True, alternatives=[far, near])


REAL: list[tuple[str, dict[str, Any], str]] = [
    ("deepseek-v4-pro", {"has_image": True}, "use deepseek-flash"),
    ("claude-opus-5-5", {"forced_tool": True}, "use claude-haiku-5-5"),
    ("claude-sonnet-4-6", {"both_samplers": True}, "leave one out"),
    ("gpt-4o", {"max_output": 20_000}, "at most 16,384 tokens, not 20,000"),
    ("gpt-5.2", {"prompt_tokens": 300_000}, "takes at most 272,000"),
]


@pytest.mark.parametrize(("name", "asked", "message"), REAL)
def test_real_models(name: str, asked: dict[str, Any], message: str) -> None:
    catalog = load_catalog()
    model = catalog.resolve(name)
    assert model is not None
    with pytest.raises(RequestError, match=message):
        check_request(model, **asked, alternatives=catalog.all())
