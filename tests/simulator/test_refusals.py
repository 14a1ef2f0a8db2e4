from typing import Any

import pytest

from pointsman import chat
from pointsman.catalog import load_catalog
from pointsman.catalog.model import Model
from pointsman.errors import AuthenticationFailed, InvalidRequest, RequestError
from pointsman.simulator.faults import PARAMETERS, parse_faults
from pointsman.simulator.limits import Family, Refusal
from pointsman.simulator.refusals import check_ability, check_key, check_version, fault_error, limit_error


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"authorization": "Bearer k"}, True),
        ({"authorization": "bearer k"}, True),
        ({"x-api-key": "k"}, True),
        ({"authorization": "Bearer  "}, False),
        ({"authorization": "Basic k"}, False),
        ({"x-api-key": ""}, False),
        ({}, False),
    ],
)
def test_some_key_must_be_there(headers: dict[str, str], taken: bool) -> None:
    if taken:
        check_key(headers)
    else:
        with pytest.raises(AuthenticationFailed):
            check_key(headers)


def test_anthropic_wants_a_version() -> None:
    check_version({}, "openai")
    check_version({"anthropic-version": "2023-06-01"}, "anthropic")
    with pytest.raises(InvalidRequest, match="anthropic-version"):
        check_version({}, "anthropic")


def _model(name: str) -> Model:
    model = load_catalog().resolve(name)
    assert model is not None
    return model


PNG = chat.Image(chat.Source("base64", "aWk=", "image/png"))
TOOL = chat.Tool("t", {"type": "object"})
FORCED: dict[str, Any] = {"tools": (TOOL,), "tool_choice": chat.ToolChoice("required")}


@pytest.mark.parametrize(
    ("model", "family", "version", "fields", "refused"),
    [
        ("gpt-4o", "openai", "", {}, ""),
        ("gpt-4o", "openai", "", {"max_output": 16_384}, ""),
        ("gpt-4o", "openai", "", {"max_output": 16_385}, "max_tokens"),
        ("gpt-4o", "openai", "", {"unmapped": {"n": 2}}, "n"),
        ("deepseek-v4-pro", "openai", "", {"parts": (PNG,)}, "messages"),
        ("gpt-4o", "openai", "", {"parts": (PNG,)}, ""),
        ("claude-opus-5-5", "anthropic", "2026-10-21", FORCED, "tool_choice"),
        ("claude-haiku-4-5", "anthropic", "2023-06-01", {"temperature": 1.0}, ""),
        ("claude-haiku-4-5", "anthropic", "2026-10-21", {"temperature": 1.0}, "temperature"),
        ("claude-opus-5-5", "anthropic", "2026-10-21", {"top_p": 0.5}, "top_p"),
        ("claude-opus-5-5", "anthropic", "2023-06-01", {"top_k": 5}, "top_k"),
        ("claude-opus-5-5", "anthropic", "2026-10-21", {}, ""),
    ],
)
def test_abilities(model: str, family: Family, version: str, fields: dict[str, Any], refused: str) -> None:
    parts = fields.get("parts", (chat.Text("hi"),))
    rest = {name: value for name, value in fields.items() if name != "parts"}
    request = chat.Request(model, (chat.Message("user", parts),), **rest)
    if not refused:
        check_ability(request, _model(model), family, version, 10)
        return
    with pytest.raises(RequestError) as caught:
        check_ability(request, _model(model), family, version, 10)
    assert (caught.value.status, caught.value.param) == (400, refused)


def test_a_prompt_over_the_window() -> None:
    request = chat.Request("gpt-4o", ())
    with pytest.raises(RequestError) as caught:
        check_ability(request, _model("gpt-4o"), "openai", "", 10_000_000)
    assert caught.value.code == "context_length_exceeded"


def test_limits_say_when() -> None:
    error = limit_error(Refusal("tokens", 100, 1_500_000), "gpt-4o")
    assert (error.status, error.retry_after) == (429, 1.5)
    assert "100 tokens a minute. Please try again in 1.500s." in error.message
    silent = limit_error(Refusal("account_tokens", 100, 1_500_000), "gpt-4o", tells=False)
    assert (silent.retry_after, silent.message.endswith("100 account tokens a minute.")) == (None, True)
    large = limit_error(Refusal("input_tokens", 100, None, too_large=True), "gpt-4o")
    assert (large.retry_after, large.message.startswith("Request too large")) == (None, True)
    crowded = limit_error(Refusal("concurrency", 4, None), "gpt-4o")
    assert (crowded.status, crowded.retry_after, "4 calls at a time" in crowded.message) == (429, None, True)


def test_a_scripted_429_says_when_unless_it_shall_not() -> None:
    (rule,) = parse_faults("429:1:retry_after=3")
    told = [fault_error(rule, "openai", tells=tells) for tells in (True, False)]
    assert [error and error.retry_after for error in told] == [3, None]


@pytest.mark.parametrize("kind", PARAMETERS)
def test_faults_before_anything_is_made(kind: str) -> None:
    (rule,) = parse_faults(f"{kind}:1")
    errors = [fault_error(rule, "anthropic"), fault_error(rule, "openai")]
    if kind in ("slow", "stall", "reset", "malformed"):
        assert errors == [None, None]
    else:
        expected = [int(kind), 503 if kind == "529" else int(kind)]
        assert [error and error.status for error in errors] == expected
